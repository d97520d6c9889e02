package io.firn.benchmarks.client;

import io.firn.benchmarks.BenchException;

import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/// One blocking connection that writes frames and reads responses, and does as little as it can.
/// One thread may write while another reads.
public final class RawConnection implements AutoCloseable {
    private static final int MAX_RESPONSE_BYTES = 64 << 20;

    private final SocketChannel channel;
    private ByteBuffer in;

    /// @param address `host:port`
    /// @param readBytes how much is read at once; grows when a response is larger
    public RawConnection(String address, int readBytes) throws IOException {
        int colon = address.lastIndexOf(':');
        this.channel =
                SocketChannel.open(
                        new InetSocketAddress(
                                address.substring(0, colon),
                                Integer.parseInt(address.substring(colon + 1))));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        this.in = ByteBuffer.allocateDirect(readBytes).limit(0);
    }

    public void send(ProduceFrame frame, int correlation) throws IOException {
        Wire.patchCorrelation(frame.bytes(), correlation);
        write(frame.bytes());
    }

    void write(ByteBuffer frame) throws IOException {
        frame.rewind();
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    /// Reads the next Produce response; any error in it ends the run.
    ///
    /// @return its correlation id
    public int acknowledged() throws IOException {
        ByteBuffer frame = response();
        var reader = new ByteBufferAccessor(frame);
        int correlation = new ResponseHeaderData(reader, (short) 1).correlationId();
        for (var topic : new ProduceResponseData(reader, Wire.PRODUCE_VERSION).responses()) {
            for (var partition : topic.partitionResponses()) {
                require(partition.errorCode(), "produce to", topic.name(), partition.index());
            }
        }
        return correlation;
    }

    /// Reads the next Fetch response. Its records lie in this connection's buffer and are gone with
    /// the next read.
    FetchResponseData fetched() throws IOException {
        var reader = new ByteBufferAccessor(response());
        var unused = new ResponseHeaderData(reader, (short) 1);
        var data = new FetchResponseData(reader, Wire.FETCH_VERSION);
        require(data.errorCode(), "fetch from", "(all)", -1);
        for (var topic : data.responses()) {
            for (var partition : topic.partitions()) {
                require(
                        partition.errorCode(),
                        "fetch from",
                        topic.topic(),
                        partition.partitionIndex());
            }
        }
        return data;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // Nothing is lost with it: every response that counts was read before.
        }
    }

    /// The next response without its size; gone with the next read.
    ByteBuffer response() throws IOException {
        require(Integer.BYTES);
        int size = in.getInt();
        if (size < 4 || size > MAX_RESPONSE_BYTES) {
            throw new BenchException("The server sent a response of %d bytes".formatted(size));
        }
        require(size);
        ByteBuffer frame = in.slice(in.position(), size);
        in.position(in.position() + size);
        return frame;
    }

    /// Makes the next `bytes` bytes available in one piece.
    private void require(int bytes) throws IOException {
        if (in.remaining() >= bytes) {
            return;
        }
        if (in.capacity() < bytes + Integer.BYTES) {
            in = ByteBuffer.allocateDirect(bytes * 2).put(in);
        } else {
            in.compact();
        }
        while (in.position() < bytes) {
            if (channel.read(in) < 0) {
                throw new EOFException("the server closed the connection");
            }
        }
        in.flip();
    }

    private static void require(short code, String action, String topic, int partition) {
        if (code != 0) {
            throw new RefusedException(
                    "Cannot %s %s-%d: the server answered %s"
                            .formatted(action, topic, partition, Errors.forCode(code)));
        }
    }

    /// The server answered with an error code.
    public static final class RefusedException extends RuntimeException {
        RefusedException(String message) {
            super(message);
        }
    }
}
