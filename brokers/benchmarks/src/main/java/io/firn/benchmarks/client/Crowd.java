package io.firn.benchmarks.client;

import io.firn.benchmarks.BenchException;

import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.protocol.ApiKeys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Many connections that are only there: each has said hello, and some wait for a record that does
/// not come. Used by one thread.
public final class Crowd implements AutoCloseable {
    private static final int READ_BYTES = 4 << 10;
    private static final int WAIT_MS = 290_000;
    private static final int MAX_BYTES = 1 << 20;

    private final List<RawConnection> connections = new ArrayList<>();

    private Crowd() {}

    /// Connections that have asked for ApiVersions, have their answer, and say nothing more.
    public static Crowd idle(String address, int count) {
        var crowd = new Crowd();
        try {
            ByteBuffer hello =
                    Wire.frame(ApiKeys.API_VERSIONS, (short) 0, new ApiVersionsRequestData());
            for (int i = 0; i < count; i++) {
                crowd.connect(address).write(hello);
            }
            for (RawConnection connection : crowd.connections) {
                connection.response();
            }
            return crowd;
        } catch (IOException e) {
            crowd.close();
            throw new BenchException(
                    "Cannot open %d connections to %s: %s".formatted(count, address, e), e);
        }
    }

    /// Connections with a Fetch each that waits for up to five minutes.
    ///
    /// @param partitions of the topic, taken in turn
    /// @param offset the end of each of them
    public static Crowd waiting(
            String address, int count, String topic, int partitions, long offset) {
        var crowd = new Crowd();
        try {
            for (int i = 0; i < count; i++) {
                crowd.connect(address).write(fetch(topic, i % partitions, offset));
            }
            return crowd;
        } catch (IOException e) {
            crowd.close();
            throw new BenchException(
                    "Cannot wait with %d connections at %s: %s".formatted(count, address, e), e);
        }
    }

    private RawConnection connect(String address) throws IOException {
        var connection = new RawConnection(address, READ_BYTES);
        connections.add(connection);
        return connection;
    }

    private static ByteBuffer fetch(String topic, int partition, long offset) {
        return Wire.frame(
                ApiKeys.FETCH,
                Wire.FETCH_VERSION,
                new FetchRequestData()
                        .setMaxWaitMs(WAIT_MS)
                        .setMinBytes(1)
                        .setMaxBytes(MAX_BYTES)
                        .setTopics(
                                List.of(
                                        new FetchRequestData.FetchTopic()
                                                .setTopic(topic)
                                                .setPartitions(
                                                        List.of(
                                                                new FetchRequestData
                                                                                .FetchPartition()
                                                                        .setPartition(partition)
                                                                        .setFetchOffset(offset)
                                                                        .setPartitionMaxBytes(
                                                                                MAX_BYTES))))));
    }

    @Override
    public void close() {
        connections.forEach(RawConnection::close);
    }
}
