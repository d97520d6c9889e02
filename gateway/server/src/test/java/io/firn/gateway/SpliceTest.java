package io.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.firn.controller.FakeCluster;
import io.firn.gateway.splice.Pipes;
import io.firn.protocol.connection.InboundRequest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.epoll.Epoll;

import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/// Responses from socket to socket. Copying is the reference: what holds for one holds for both.
@Timeout(60)
class SpliceTest {
    private static final int[] SIZES = {4, 100, 40_000, 3_000_000, 32_767, 32_768, 4, 200_000};
    private static final int LARGE = 4_000_000;

    private static final Map<Body, byte[]> BODIES = new ConcurrentHashMap<>();

    private final FakeCluster cluster = new FakeCluster();
    private FakeBroker broker;
    private Pipes pipes;
    private GatewayNode gateway;

    @BeforeEach
    void start() {
        broker = new FakeBroker(cluster, 5);
    }

    @AfterEach
    void stop() {
        gateway.close();
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void responsesOfAllSizesArriveByteForByteAndInOrder(boolean splice) throws Exception { // G1
        startGateway(splice);
        broker.intercept = request -> answer(request, SIZES[id(request) % SIZES.length]);
        int count = 2 * SIZES.length;
        try (Client client = new Client(64 * 1024)) { // which makes it slow
            for (int id = 0; id < count; id++) {
                client.send(id);
            }
            for (int id = 0; id < count; id++) {
                assertThat(client.receive()).isEqualTo(body(id, SIZES[id % SIZES.length]));
            }
        }
        if (splice) {
            assertThat(pipes.movedBytes()).isGreaterThan(3_000_000);
        } else {
            assertThat(pipes.movedBytes()).isZero();
        }
    }

    @Test
    void clientsThatLeaveInTheMiddleOfAResponseTakeNoPipeWithThem() throws Exception { // G7
        startGateway(true);
        broker.intercept = request -> answer(request, LARGE);
        for (int i = 0; i < 80; i++) { // more than there are pipes
            try (Client client = new Client(8 * 1024)) {
                client.send(i);
                client.in.readFully(new byte[1000]);
            }
        }
        long before = pipes.movedBytes();
        try (Client client = new Client(1 << 20)) {
            client.send(7);
            assertThat(client.receive()).isEqualTo(body(7, LARGE));
        }
        assertThat(pipes.movedBytes()).isGreaterThan(before);
    }

    @Test
    void whoGetsNoPipeIsServedAllTheSame() throws Exception { // G7
        startGateway(true);
        broker.intercept = request -> answer(request, 2 * LARGE); // more than sockets hold
        Client[] stalled = new Client[70]; // more than there are pipes
        try {
            for (int i = 0; i < stalled.length; i++) {
                stalled[i] = new Client(8 * 1024);
                stalled[i].send(i);
            }
            for (Client client : stalled) {
                client.in.readFully(new byte[4]);
            }
            try (Client client = new Client(1 << 20)) {
                client.send(7);
                assertThat(client.receive()).isEqualTo(body(7, 2 * LARGE));
            }
        } finally {
            for (Client client : stalled) {
                client.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aBrokerThatBreaksInTheMiddleOfAResponseCostsTheConnection(boolean splice)
            throws Exception { // G2
        startGateway(splice);
        broker.intercept =
                request -> {
                    ByteBuf half = Unpooled.buffer().writeInt(2 * LARGE).writeInt(id(request));
                    request.answerFrame(half.writeBytes(new byte[LARGE]));
                    var unused = request.connection().after(300, request.connection()::close);
                    return true;
                };
        try (Client client = new Client(1 << 20)) {
            client.send(1);
            long got = client.in.transferTo(java.io.OutputStream.nullOutputStream());
            assertThat(got).isLessThanOrEqualTo(8L + LARGE);
        }
    }

    private void startGateway(boolean splice) {
        pipes = splice ? Pipes.ofMachine() : Pipes.none();
        gateway =
                GatewayNode.start(
                        GatewayConfig.of("127.0.0.1", 0, FakeBroker.KEY, new SimpleMeterRegistry()),
                        cluster,
                        cluster::send,
                        pipes);
        assumeTrue(Epoll.isAvailable() || !splice);
    }

    private static int id(InboundRequest request) {
        return request.header().correlationId();
    }

    private static boolean answer(InboundRequest request, int size) {
        byte[] body = body(id(request), size);
        request.answerFrame(
                Unpooled.wrappedBuffer(
                        ByteBuffer.allocate(8).putInt(4 + size).putInt(id(request)).flip(),
                        ByteBuffer.wrap(body)));
        return true;
    }

    private static byte[] body(int id, int size) {
        return BODIES.computeIfAbsent(
                new Body(id % 4, size),
                b -> {
                    byte[] bytes = new byte[size];
                    new Random(b.seed()).nextBytes(bytes);
                    return bytes;
                });
    }

    private record Body(int seed, int size) {}

    private final class Client implements AutoCloseable {
        private final Socket socket = new Socket();
        private final DataInputStream in;
        private int next = -1;

        Client(int receiveBuffer) throws IOException {
            socket.setReceiveBufferSize(receiveBuffer);
            socket.setSoTimeout(20_000);
            socket.connect(new InetSocketAddress("127.0.0.1", gateway.port()));
            in = new DataInputStream(socket.getInputStream());
        }

        void send(int id) throws IOException {
            var request = new FetchRequest(new FetchRequestData().setReplicaId(-1), (short) 12);
            var header = new RequestHeader(request.apiKey(), request.version(), "raw", id);
            ByteBuffer body = request.serializeWithHeader(header);
            ByteBuffer frame = ByteBuffer.allocate(4 + body.remaining());
            frame.putInt(body.remaining()).put(body);
            socket.getOutputStream().write(frame.array());
        }

        byte[] receive() throws IOException {
            byte[] body = new byte[in.readInt() - 4];
            int id = in.readInt();
            assertThat(next < 0 || id == next).isTrue();
            next = id + 1;
            in.readFully(body);
            return body;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
