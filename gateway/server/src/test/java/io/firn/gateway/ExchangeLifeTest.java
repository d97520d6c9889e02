package io.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.controller.FakeCluster;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/// Random lives of a client's connection and the broker behind it, with a fault after any step:
/// each request is answered in its order or the connection is closed, and nothing is held
/// afterwards (G11, B8).
@Timeout(180)
class ExchangeLifeTest {
    private static final int LIVES = Integer.getInteger("firn.lives", 150);
    private static final int STEPS = 10;
    private static final long PATIENCE_MS = 3000;

    private enum Step {
        ASK,
        PRODUCE,
        PRODUCE_SILENTLY,
        ANSWER,
        ANSWER_HALF,
        ANSWER_GARBAGE,
        BROKER_CLOSES,
        BROKER_STOPS,
        BROKER_STARTS,
        CLIENT_CLOSES
    }

    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    @Test
    void everyExchangeIsAnsweredInOrderOrCutOffWhateverFails() throws Exception {
        long first = Long.getLong("firn.seed", System.nanoTime());
        for (int i = 0; i < LIVES; i++) {
            long seed = first + i;
            List<Step> steps = new ArrayList<>();
            try {
                live(new Random(seed), steps);
            } catch (AssertionError e) {
                throw new AssertionError("Life with -Dfirn.seed=%d: %s".formatted(seed, steps), e);
            }
        }
    }

    private void live(Random random, List<Step> steps) throws Exception {
        FakeCluster cluster = new FakeCluster();
        try (Broker broker = new Broker()) {
            cluster.broker(5, broker.port, false);
            GatewayConfig config =
                    GatewayConfig.of("127.0.0.1", 0, FakeBroker.KEY, metrics)
                            .withLimits(
                                    GatewayConfig.Limits.DEFAULT.withBrokerTimeout(
                                            Duration.ofMillis(200)));
            try (GatewayNode gateway = GatewayNode.start(config, cluster, cluster::send);
                    Client client = new Client(gateway.port())) {
                Model model = new Model();
                for (int i = 0; i < STEPS; i++) {
                    Step step = Step.values()[random.nextInt(Step.values().length)];
                    steps.add(step);
                    take(step, broker, client, model);
                }
                await(() -> client.ended || client.answered.size() == model.expected.size());
                assertThat(client.answered)
                        .as("answers, ended %s", client.ended)
                        .isEqualTo(model.expected.subList(0, client.answered.size()));
                assertThat(client.ended || client.answered.size() == model.expected.size())
                        .as("%s of %s", client.answered, model.expected)
                        .isTrue();
                if (model.mustEnd) {
                    await(() -> client.ended);
                    assertThat(client.ended).as("a refused acks=0 ends the connection").isTrue();
                }
                client.close();
                await(() -> gateway.inFlightBytes() == 0);
                assertThat(gateway.inFlightBytes()).isZero();
            }
        }
    }

    private static void take(Step step, Broker broker, Client client, Model model)
            throws Exception {
        switch (step) {
            case ASK -> send(list(), true, broker, client, model);
            case PRODUCE -> send(produce((short) 1), true, broker, client, model);
            case PRODUCE_SILENTLY -> send(produce((short) 0), false, broker, client, model);
            case ANSWER -> {
                Asked asked = broker.asked.poll();
                if (asked != null) {
                    asked.write(response(asked.correlationId, 20));
                    model.silent = Math.min(model.silent, asked.silentAfter());
                }
            }
            case ANSWER_HALF -> {
                Asked asked = broker.asked.poll();
                if (asked != null) {
                    asked.write(response(asked.correlationId, 50_000).limit(25_000));
                    broker.asked.clear(); // nothing can follow
                }
            }
            case ANSWER_GARBAGE -> {
                Asked asked = broker.asked.poll();
                if (asked != null) {
                    asked.write(response(asked.correlationId ^ 0x5555, 20));
                    broker.asked.clear();
                }
            }
            case BROKER_CLOSES -> {
                broker.closeAll();
                model.mustEnd |= model.silent > 0;
            }
            case BROKER_STOPS -> {
                broker.stop();
                model.mustEnd |= model.silent > 0;
            }
            case BROKER_STARTS -> broker.start();
            case CLIENT_CLOSES -> {
                if (model.expected.size() > 2) {
                    client.close();
                }
            }
        }
    }

    private static void send(
            AbstractRequest request, boolean answered, Broker broker, Client client, Model model) {
        int correlationId = ++model.correlationId;
        int received = broker.received;
        try {
            client.send(request, correlationId);
        } catch (IOException e) {
            return; // it is closed
        }
        if (answered) {
            model.expected.add(correlationId);
        }
        await(() -> client.ended || broker.received > received || !broker.isUp(), 300);
        if (!answered && broker.received > received && !client.ended) {
            model.silent++;
        }
    }

    /// What is to come of a life.
    private static final class Model {
        private final List<Integer> expected = new ArrayList<>();
        private int correlationId;
        private int silent;
        private boolean mustEnd;
    }

    private static void await(BooleanSupplier condition) {
        await(condition, PATIENCE_MS);
    }

    private static void await(BooleanSupplier condition, long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            try {
                Thread.sleep(2);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static ListOffsetsRequest list() {
        return ListOffsetsRequest.parse(
                org.apache.kafka.common.protocol.MessageUtil.toByteBufferAccessor(
                        new ListOffsetsRequestData().setReplicaId(-1), (short) 7),
                (short) 7);
    }

    private static ProduceRequest produce(short acks) {
        return new ProduceRequest(
                new ProduceRequestData().setAcks(acks).setTimeoutMs(1), (short) 9);
    }

    private static ByteBuffer response(int correlationId, int bytes) {
        return ByteBuffer.allocate(4 + bytes).putInt(bytes).putInt(correlationId).position(0);
    }

    /// A request that a broker has got.
    ///
    private record Asked(int correlationId, Socket socket, Connection connection) {
        int silentAfter() {
            return connection.silentAfter(correlationId);
        }

        void write(ByteBuffer bytes) {
            try {
                socket.getOutputStream().write(bytes.array(), 0, bytes.limit());
            } catch (IOException e) {
                // the gateway has closed it
            }
        }
    }

    private static final class Connection {
        private final List<Integer> silent = new CopyOnWriteArrayList<>();

        int silentAfter(int correlationId) {
            return (int) silent.stream().filter(id -> id > correlationId).count();
        }
    }

    /// Does what it is told and nothing else.
    private static final class Broker implements AutoCloseable {
        private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();
        private final List<Socket> sockets = new CopyOnWriteArrayList<>();
        private final int port;
        private volatile ServerSocket listening;
        private volatile int received;

        Broker() throws IOException {
            listening = new ServerSocket(0);
            port = listening.getLocalPort();
            accept(listening);
        }

        boolean isUp() {
            return !listening.isClosed();
        }

        void start() throws IOException {
            if (listening.isClosed()) {
                ServerSocket again = new ServerSocket();
                again.setReuseAddress(true);
                try {
                    again.bind(new InetSocketAddress(port));
                } catch (BindException e) {
                    again.close(); // somebody has the port now: it stays away
                    return;
                }
                listening = again;
                accept(again);
            }
        }

        private void accept(ServerSocket from) {
            Thread.startVirtualThread(
                    () -> {
                        while (!from.isClosed()) {
                            try {
                                Socket socket = from.accept();
                                sockets.add(socket);
                                Thread.startVirtualThread(() -> read(socket));
                            } catch (IOException e) {
                                return;
                            }
                        }
                    });
        }

        private void read(Socket socket) {
            Connection connection = new Connection();
            try (DataInputStream in = new DataInputStream(socket.getInputStream())) {
                in.readFully(new byte[in.readInt()]); // the preface
                while (true) {
                    ByteBuffer frame = ByteBuffer.wrap(new byte[in.readInt()]);
                    in.readFully(frame.array());
                    RequestHeader header = RequestHeader.parse(frame);
                    var body =
                            AbstractRequest.parseRequest(
                                    header.apiKey(),
                                    header.apiVersion(),
                                    new org.apache.kafka.common.protocol.ByteBufferAccessor(frame));
                    if (body.request instanceof ProduceRequest produce && produce.acks() == 0) {
                        connection.silent.add(header.correlationId());
                    } else {
                        asked.add(new Asked(header.correlationId(), socket, connection));
                    }
                    received++;
                }
            } catch (IOException e) {
                asked.removeIf(it -> it.socket() == socket);
            }
        }

        void closeAll() throws IOException {
            for (Socket socket : sockets) {
                socket.close();
            }
            sockets.clear();
        }

        void stop() throws IOException {
            listening.close();
            closeAll();
        }

        @Override
        public void close() throws IOException {
            stop();
        }
    }

    private static final class Client implements AutoCloseable {
        private final Socket socket;
        private final List<Integer> answered = new CopyOnWriteArrayList<>();
        private volatile boolean ended;

        Client(int port) throws IOException {
            socket = new Socket("127.0.0.1", port);
            Thread.startVirtualThread(this::read);
        }

        private void read() {
            try (DataInputStream in = new DataInputStream(socket.getInputStream())) {
                while (true) {
                    byte[] frame = new byte[in.readInt()];
                    in.readFully(frame);
                    answered.add(ByteBuffer.wrap(frame).getInt());
                }
            } catch (IOException e) {
                ended = true;
            }
        }

        void send(AbstractRequest request, int correlationId) throws IOException {
            RequestHeader header =
                    new RequestHeader(request.apiKey(), request.version(), "life", correlationId);
            ByteBuffer bytes = request.serializeWithHeader(header);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            byte[] frame = new byte[4 + bytes.remaining()];
            ByteBuffer.wrap(frame).putInt(bytes.remaining()).put(bytes);
            out.write(frame);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
