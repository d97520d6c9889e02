package io.firn.launcher;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.OffsetCommitRequest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// What hostile, slow and greedy clients do. Each attack goes on until it is closed, on threads and
/// connections of its own; what it meets on the way (closed connections, refusals) is its business.
final class Attacks {
    private static final int HALF_FRAME = 90 << 20;

    private Attacks() {}

    /// An attack under way.
    interface Running extends AutoCloseable {
        @Override
        void close();
    }

    /// One step of an attack, repeated.
    interface Step {
        void run() throws Exception;
    }

    static Running repeated(String name, int threads, Step step) {
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            all.add(
                    Thread.ofPlatform()
                            .daemon()
                            .name(name + "-" + i)
                            .start(
                                    () -> {
                                        while (!Thread.currentThread().isInterrupted()) {
                                            once(step);
                                        }
                                    }));
        }
        return () -> all.forEach(Thread::interrupt);
    }

    private static void once(Step step) {
        try {
            step.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            // the server defended itself
        }
    }

    /// Connections that are held open until the attack ends.
    private static Running holding(int count, int port, Opening opening) throws IOException {
        List<RawKafka> held = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RawKafka one = new RawKafka(port);
            held.add(one);
            opening.begin(one, i);
        }
        return () -> held.forEach(one -> once(one::close));
    }

    private interface Opening {
        void begin(RawKafka connection, int number) throws IOException;
    }

    static Running idle(int port, int connections) throws IOException {
        return holding(connections, port, (one, i) -> {});
    }

    /// Frames that are announced, up to all that a server may hold in flight, and never finished.
    static Running halfFrames(int port) throws IOException {
        int[] sizes = {HALF_FRAME, HALF_FRAME, 60 << 20, 8 << 20, 4 << 20, 2 << 20, 1 << 20};
        return holding(
                40,
                port,
                (one, i) -> one.beginFrame(i < sizes.length ? sizes[i] : 256 << 10, (byte) 0));
    }

    static Running garbage(int port) {
        return repeated(
                "garbage",
                2,
                () -> {
                    try (RawKafka one = new RawKafka(port)) {
                        byte[] bytes = new byte[1000];
                        new Random().nextBytes(bytes);
                        one.sendBytes(bytes);
                        Thread.sleep(2);
                    }
                });
    }

    static Running batches(int port, String topic, ByteBuffer batch) {
        return repeated(
                "batches",
                2,
                () -> {
                    try (RawKafka one = new RawKafka(port)) {
                        for (int i = 0; i < 1000; i++) {
                            one.produce(topic, batch);
                            Thread.sleep(1);
                        }
                    }
                });
    }

    /// Readers that ask for all they may and never read an answer.
    static Running readersThatNeverRead(int port, String topic, Uuid id, int connections)
            throws IOException {
        return holding(
                connections,
                port,
                (one, i) -> {
                    for (int n = 0; n < 60; n++) {
                        one.send(fetch(topic, id, 0, -1), "never-reads");
                    }
                });
    }

    /// A producer that does not wait for its answers: a thousand requests on the way.
    static Running thousandInFlight(int port, String topic, int bytes) {
        return repeated(
                "in-flight",
                1,
                () -> {
                    try (RawKafka one = new RawKafka(port)) {
                        var request =
                                RawKafka.produceRequest(topic, RawKafka.good("x".repeat(bytes)));
                        var sender =
                                Thread.startVirtualThread(
                                        () ->
                                                once(
                                                        () -> {
                                                            for (int i = 0; i < 1000; i++) {
                                                                one.send(request, "greedy");
                                                            }
                                                        }));
                        for (int i = 0; i < 1000; i++) {
                            one.receiveFrame();
                        }
                        sender.join();
                    }
                });
    }

    /// One client that opens fetch session after fetch session.
    static Running manySessions(int port, String topic, Uuid id) {
        return repeated(
                "sessions",
                1,
                () -> {
                    try (RawKafka one = new RawKafka(port)) {
                        for (int i = 0; i < 500; i++) {
                            one.call(fetch(topic, id, 0, 0));
                        }
                    }
                });
    }

    static Running commitsInALoop(int port, String topic) {
        return repeated(
                "commits",
                1,
                () -> {
                    try (RawKafka one = new RawKafka(port)) {
                        for (int i = 0; i < 1000; i++) {
                            one.call(commit(topic, i));
                        }
                    }
                });
    }

    private static OffsetCommitRequest commit(String topic, long offset) {
        var partition =
                new OffsetCommitRequestData.OffsetCommitRequestPartition()
                        .setPartitionIndex(0)
                        .setCommittedOffset(offset);
        var one = new OffsetCommitRequestData.OffsetCommitRequestTopic().setName(topic);
        one.partitions().add(partition);
        var data = new OffsetCommitRequestData().setGroupId("greedy");
        data.topics().add(one);
        return new OffsetCommitRequest(data, (short) 8);
    }

    /// @param epoch 0 asks for a new session, -1 for none
    static FetchRequest fetch(String topic, Uuid id, long offset, int epoch) {
        var partition =
                new FetchRequestData.FetchPartition()
                        .setPartition(0)
                        .setFetchOffset(offset)
                        .setPartitionMaxBytes(8 << 20);
        var one = new FetchRequestData.FetchTopic().setTopic(topic).setTopicId(id);
        one.partitions().add(partition);
        var data =
                new FetchRequestData()
                        .setReplicaId(-1)
                        .setMaxWaitMs(0)
                        .setMinBytes(0)
                        .setMaxBytes(8 << 20)
                        .setSessionEpoch(epoch);
        data.topics().add(one);
        return new FetchRequest(data, (short) 12); // the last that names topics by name
    }
}
