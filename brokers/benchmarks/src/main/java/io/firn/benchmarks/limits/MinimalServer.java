package io.firn.benchmarks.limits;

import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/// The least that a produce server in Java can do: receive, parse, check each batch's CRC, answer;
/// with a file as second argument also write the batches into a ring of 256 MiB that is used over
/// and over, so that no page of it is ever fresh. Nothing is synced, nothing can be read.
///
/// Arguments: the port, and the ring's file or nothing. One thread a connection.
public final class MinimalServer {
    private static final int MAX_FRAME = 64 << 20;
    private static final long RING_BYTES = 256L << 20;

    private final @Nullable FileChannel ring;
    private final AtomicLong ringPosition = new AtomicLong();
    private final AtomicLong offset = new AtomicLong();

    private MinimalServer(@Nullable FileChannel ring) {
        this.ring = ring;
    }

    public static void main(String[] args) throws IOException {
        @Nullable FileChannel ring = args.length > 1 ? openRing(Path.of(args[1])) : null;
        var server = new MinimalServer(ring);
        try (var listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])));
            System.out.println("Minimal server is ready: " + listener.getLocalAddress());
            while (true) {
                SocketChannel client = listener.accept();
                client.setOption(StandardSocketOptions.TCP_NODELAY, true);
                Thread.ofPlatform().daemon().start(() -> server.serve(client));
            }
        }
    }

    private static FileChannel openRing(Path file) throws IOException {
        FileChannel ring =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
        for (long at = 0; at < RING_BYTES; at += zeros.capacity()) {
            ring.write(zeros.clear(), at);
        }
        return ring;
    }

    private void serve(SocketChannel client) {
        try (client) {
            ByteBuffer frame = ByteBuffer.allocateDirect(1 << 20);
            ByteBuffer size = ByteBuffer.allocateDirect(Integer.BYTES);
            while (true) {
                fill(client, size.clear());
                int bytes = size.getInt(0);
                if (bytes < 8 || bytes > MAX_FRAME) {
                    return;
                }
                if (bytes > frame.capacity()) {
                    frame = ByteBuffer.allocateDirect(bytes);
                }
                fill(client, frame.clear().limit(bytes));
                ByteBuffer answer = answer(frame.flip());
                while (answer.hasRemaining()) {
                    client.write(answer);
                }
            }
        } catch (IOException e) {
            // The client is gone.
        }
    }

    private static void fill(SocketChannel client, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (client.read(buffer) < 0) {
                throw new EOFException();
            }
        }
    }

    private ByteBuffer answer(ByteBuffer frame) throws IOException {
        RequestHeader header = RequestHeader.parse(frame);
        var request = new ProduceRequestData(new ByteBufferAccessor(frame), header.apiVersion());
        var topics = new ProduceResponseData.TopicProduceResponseCollection();
        for (var topic : request.topicData()) {
            var done = new ProduceResponseData.TopicProduceResponse().setName(topic.name());
            for (var partition : topic.partitionData()) {
                done.partitionResponses()
                        .add(
                                new ProduceResponseData.PartitionProduceResponse()
                                        .setIndex(partition.index())
                                        .setBaseOffset(take((MemoryRecords) partition.records())));
            }
            topics.add(done);
        }
        return frame(
                new ResponseHeaderData().setCorrelationId(header.correlationId()),
                new ProduceResponseData().setResponses(topics),
                header.apiVersion());
    }

    private long take(MemoryRecords records) throws IOException {
        long base = offset.get();
        for (MutableRecordBatch batch : records.batches()) {
            batch.ensureValid();
            base = offset.getAndAdd(batch.nextOffset() - batch.baseOffset());
        }
        FileChannel file = ring;
        if (file != null) {
            ByteBuffer bytes = records.buffer();
            long at = ringPosition.getAndAdd(bytes.remaining()) % RING_BYTES;
            file.write(bytes, Math.min(at, RING_BYTES - bytes.remaining()));
        }
        return base;
    }

    private static ByteBuffer frame(
            ResponseHeaderData header, ProduceResponseData body, short version) {
        var cache = new ObjectSerializationCache();
        int size = header.size(cache, (short) 1) + body.size(cache, version);
        ByteBuffer out = ByteBuffer.allocate(Integer.BYTES + size);
        var writer = new ByteBufferAccessor(out);
        writer.writeInt(size);
        header.write(writer, cache, (short) 1);
        body.write(writer, cache, version);
        return out.flip();
    }
}
