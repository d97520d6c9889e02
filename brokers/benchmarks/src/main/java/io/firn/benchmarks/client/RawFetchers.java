package io.firn.benchmarks.client;

import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;

/// Fetches a topic over several connections, each with partitions of its own and one request in
/// flight as Kafka's consumer has, looks at batch headers only and drops the bytes.
public final class RawFetchers implements AutoCloseable {
    private static final int PARTITION_BYTES = 1 << 20;
    private static final int RESPONSE_BYTES = 8 << 20;
    private static final int FRAME_BYTES = 1 << 10;
    private static final int WAIT_MS = 500;

    private final List<RawConnection> connections = new ArrayList<>();
    private final String topic;
    private final int partitions;
    private final int recordBytes;
    private final int responseBytes;
    private final long[] starts;

    /// With answers of up to 8 MiB.
    ///
    /// @param connections at most one a partition
    /// @param recordBytes the size of each record's value, to count payload before compression
    public RawFetchers(
            String address, String topic, int partitions, int connections, int recordBytes)
            throws IOException {
        this(address, topic, partitions, connections, recordBytes, RESPONSE_BYTES);
    }

    /// @param responseBytes what an answer may hold, a MiB of each partition
    public RawFetchers(
            String address,
            String topic,
            int partitions,
            int connections,
            int recordBytes,
            int responseBytes)
            throws IOException {
        this.topic = topic;
        this.responseBytes = responseBytes;
        this.partitions = partitions;
        this.recordBytes = recordBytes;
        this.starts = new long[partitions];
        for (int i = 0; i < Math.min(connections, partitions); i++) {
            this.connections.add(new RawConnection(address, responseBytes));
        }
    }

    /// Where the beginning is, if not at 0: a first offset for each partition.
    public RawFetchers from(List<Long> offsets) {
        Arrays.setAll(starts, offsets::get);
        return this;
    }

    /// Reads from the beginning, over and over, until the bound.
    public Volume run(Bound bound) {
        return run(bound, true);
    }

    /// Reads from the beginning to the end once, or until the bound.
    public Volume runOnce(Bound bound) {
        return run(bound, false);
    }

    private Volume run(Bound bound, boolean again) {
        long start = System.nanoTime();
        long deadline = start + bound.time().toNanos();
        var left = new AtomicLong(bound.payloadBytes());
        var work = new ArrayList<Callable<Volume>>();
        for (int i = 0; i < connections.size(); i++) {
            RawConnection connection = connections.get(i);
            var reader = new Reader(i, again);
            work.add(() -> reader.read(connection, left, deadline));
        }
        long records = 0;
        long requests = 0;
        for (Volume volume : Workers.run(work)) {
            records += volume.records();
            requests += volume.requests();
        }
        return new Volume(
                records * recordBytes, records, requests, (System.nanoTime() - start) / 1e9);
    }

    @Override
    public void close() {
        connections.forEach(RawConnection::close);
    }

    /// The partitions of one connection, and where it is in each.
    private final class Reader {
        private final int[] own;
        private final long[] next;
        private final boolean[] done;
        private final boolean again;

        Reader(int connection, boolean again) {
            var list = new ArrayList<Integer>();
            for (int p = connection; p < partitions; p += connections.size()) {
                list.add(p);
            }
            this.own = list.stream().mapToInt(Integer::intValue).toArray();
            this.next = Arrays.stream(own).mapToLong(p -> starts[p]).toArray();
            this.done = new boolean[own.length];
            this.again = again;
        }

        Volume read(RawConnection connection, AtomicLong left, long deadline) throws IOException {
            long records = 0;
            int requests = 0;
            while (left.get() > 0 && System.nanoTime() < deadline && !allDone()) {
                connection.write(request(requests++));
                long got = 0;
                for (var response : connection.fetched().responses()) {
                    for (var partition : response.partitions()) {
                        got += take(partition);
                    }
                }
                records += got;
                left.addAndGet(-got * recordBytes);
            }
            return new Volume(0, records, requests, 0);
        }

        private boolean allDone() {
            for (boolean one : done) {
                if (!one) {
                    return false;
                }
            }
            return true;
        }

        /// Counts whole batches; the last one of a response may be cut off.
        private long take(FetchResponseData.PartitionData partition) {
            int index = Arrays.binarySearch(own, partition.partitionIndex());
            long from = next[index];
            if (partition.records() instanceof MemoryRecords records) {
                for (RecordBatch batch : records.batches()) {
                    next[index] = batch.nextOffset();
                }
            }
            long got = next[index] - from;
            if (next[index] >= partition.highWatermark()) {
                next[index] = starts[own[index]];
                done[index] = !again;
            }
            return got;
        }

        private java.nio.ByteBuffer request(int correlation) {
            var wanted = new ArrayList<FetchRequestData.FetchPartition>();
            for (int i = 0; i < own.length; i++) {
                if (!done[i]) {
                    wanted.add(
                            new FetchRequestData.FetchPartition()
                                    .setPartition(own[i])
                                    .setFetchOffset(next[i])
                                    .setPartitionMaxBytes(PARTITION_BYTES));
                }
            }
            var request =
                    new FetchRequestData()
                            .setMaxWaitMs(WAIT_MS)
                            .setMinBytes(1)
                            .setMaxBytes(responseBytes - FRAME_BYTES)
                            .setTopics(
                                    List.of(
                                            new FetchRequestData.FetchTopic()
                                                    .setTopic(topic)
                                                    .setPartitions(wanted)));
            var frame = Wire.frame(ApiKeys.FETCH, Wire.FETCH_VERSION, request);
            Wire.patchCorrelation(frame, correlation);
            return frame;
        }
    }
}
