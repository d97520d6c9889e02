package io.firn.launcher;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// A connection to the Kafka port whose bytes a test chooses itself.
final class RawKafka implements AutoCloseable {
    static final short PRODUCE_VERSION = 9; // the last that names topics by name

    private final Socket socket;
    private final DataOutputStream out;
    private final DataInputStream in;
    private int correlation;

    RawKafka(int port) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(30_000);
        out = new DataOutputStream(socket.getOutputStream());
        in = new DataInputStream(socket.getInputStream());
    }

    void sendBytes(byte... bytes) throws IOException {
        out.write(bytes);
    }

    /// A frame that says it has `size` bytes and goes no further than `begun`.
    void beginFrame(int size, byte... begun) throws IOException {
        out.writeInt(size);
        out.write(begun);
    }

    void sendFrame(ByteBuffer frame) throws IOException {
        ByteBuffer whole = ByteBuffer.allocate(4 + frame.remaining());
        out.write(whole.putInt(frame.remaining()).put(frame).array());
    }

    RequestHeader send(AbstractRequest request, String clientId) throws IOException {
        var header =
                new RequestHeader(request.apiKey(), request.version(), clientId, correlation++);
        sendFrame(request.serializeWithHeader(header));
        return header;
    }

    byte[] receiveFrame() throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return frame;
    }

    AbstractResponse receive(RequestHeader header) throws IOException {
        return AbstractResponse.parseResponse(ByteBuffer.wrap(receiveFrame()), header);
    }

    AbstractResponse call(AbstractRequest request) throws IOException {
        return receive(send(request, "raw"));
    }

    /// What a produce of this one batch is answered with.
    Errors produce(String topic, ByteBuffer batch) throws IOException {
        var response = (ProduceResponse) call(produceRequest(topic, batch));
        return Errors.forCode(
                response.data()
                        .responses()
                        .iterator()
                        .next()
                        .partitionResponses()
                        .getFirst()
                        .errorCode());
    }

    static ProduceRequest produceRequest(String topic, ByteBuffer batch) {
        var part =
                new PartitionProduceData()
                        .setIndex(0)
                        .setRecords(MemoryRecords.readableRecords(batch.duplicate()));
        var data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(30_000);
        var one = new TopicProduceData().setName(topic);
        one.partitionData().add(part);
        data.topicData().add(one);
        return new ProduceRequest(data, PRODUCE_VERSION);
    }

    /// Whether the server closes the connection without another byte.
    boolean isClosed() throws IOException {
        try {
            return in.read() < 0;
        } catch (java.net.SocketException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /// A batch of magic 2 with a right length and CRC around anything.
    static ByteBuffer batch(int codec, int count, byte[] records) {
        ByteBuffer b = ByteBuffer.allocate(61 + records.length);
        b.putLong(0).putInt(49 + records.length).putInt(-1).put((byte) 2).putInt(0);
        b.putShort((short) codec).putInt(count - 1);
        b.putLong(1_700_000_000_000L).putLong(1_700_000_000_000L);
        b.putLong(-1).putShort((short) -1).putInt(-1).putInt(count).put(records).flip();
        CRC32C crc = new CRC32C();
        crc.update(b.array(), 21, b.limit() - 21);
        return b.putInt(17, (int) crc.getValue());
    }

    /// A few KiB of zstd that unpack to one record of `bytes` zeros.
    static ByteBuffer bomb(int bytes) throws IOException {
        var packed = new ByteBufferOutputStream(1 << 16);
        try (OutputStream zstd =
                Compression.zstd().build().wrapForOutput(packed, RecordBatch.MAGIC_VALUE_V2)) {
            ByteBuffer head = ByteBuffer.allocate(32);
            org.apache.kafka.common.utils.internals.ByteUtils.writeVarint(bytes, head);
            head.put((byte) 0); // attributes
            for (int zigzag : new int[] {0, 0, -1, bytes}) { // timestamp, offset, no key, value
                org.apache.kafka.common.utils.internals.ByteUtils.writeVarint(zigzag, head);
            }
            int body = head.position() - sizeOfVarint(bytes) + bytes + 1;
            ByteBuffer whole = ByteBuffer.allocate(32);
            org.apache.kafka.common.utils.internals.ByteUtils.writeVarint(body, whole);
            whole.put(head.array(), sizeOfVarint(bytes), head.position() - sizeOfVarint(bytes));
            zstd.write(whole.array(), 0, whole.position());
            byte[] zeros = new byte[1 << 20];
            for (int left = bytes; left > 0; left -= zeros.length) {
                zstd.write(zeros, 0, Math.min(left, zeros.length));
            }
            zstd.write(0); // no headers
        }
        ByteBuffer records = packed.buffer().flip();
        byte[] array = new byte[records.remaining()];
        records.get(array);
        return batch(4, 1, array);
    }

    private static int sizeOfVarint(int value) {
        return org.apache.kafka.common.utils.internals.ByteUtils.sizeOfVarint(value);
    }

    static ByteBuffer good(String value) {
        return MemoryRecords.withRecords(
                        Compression.NONE,
                        new org.apache.kafka.common.record.internal.SimpleRecord(
                                System.currentTimeMillis(), null, value.getBytes()))
                .buffer();
    }
}
