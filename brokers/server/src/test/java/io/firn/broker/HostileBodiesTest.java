package io.firn.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.protocol.SupportedApi;
import io.firn.protocol.body.BodyMaker;

import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/// One request may cost an event loop 50 ms of processor time at most, whatever is in its body
/// (G12). Bodies are made by Kafka's schema of every API and version that is served, so an API that
/// is added is tried by itself.
@Timeout(600)
class HostileBodiesTest {
    /// What has no answer by then waits for something (a group, a time-out), not for a loop.
    private static final int PATIENCE_MS = 300;

    /// The goal is 50 ms on a quiet machine; a busy one needs room (`-Dfirn.hostile.millis`).
    private static final long MOST_NANOS =
            TimeUnit.MILLISECONDS.toNanos(Integer.getInteger("firn.hostile.millis", 100));
    private static final int ATTEMPTS = 12; // the first ones are not compiled yet
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /// What a body is made of.
    enum Shape {
        /// Names of one hash, as many as there is room for.
        ALIKE,
        /// Names that share a slot of the table that the parser makes for so many.
        SLOTS,
        /// Entries that hold nothing.
        TINY,
        /// Entries in entries.
        NESTED,
        /// Tagged fields that nobody knows.
        TAGS,
        /// The longest texts there are.
        LONG
    }

    @TempDir Path dir;

    @Test
    void noBodyOfAnyApiTakesAnEventLoopLong() throws Exception { // B1, G12
        try (TestCluster cluster = new TestCluster(dir)) {
            List<String> slow = new ArrayList<>();
            int tried = 0;
            for (SupportedApi api : SupportedApi.values()) {
                for (short v : versions(api)) {
                    for (Shape shape : Shape.values()) {
                        for (int bytes : new int[] {63 * 1024, 1024 * 1024}) {
                            ByteBuffer body = body(api.key(), v, shape, bytes);
                            long nanos = least(cluster.listener.port(), api.key(), v, body);
                            tried++;
                            if (nanos > MOST_NANOS) {
                                slow.add(
                                        "%s %d %s of %d bytes: %d ms"
                                                .formatted(
                                                        api,
                                                        v,
                                                        shape,
                                                        body.remaining(),
                                                        nanos / 1_000_000));
                            }
                        }
                    }
                }
            }
            assertThat(slow).as("slow of %d", tried).isEmpty();
            assertThat(tried)
                    .isGreaterThanOrEqualTo(
                            SupportedApi.values().length * Shape.values().length * 2);
        }
    }

    /// The oldest and the newest; all of them with `-Dfirn.hostile.versions=all`, which takes a
    /// quarter of an hour.
    private static Set<Short> versions(SupportedApi api) {
        Set<Short> versions = new TreeSet<>(List.of(api.minVersion(), api.maxVersion()));
        if (System.getProperty("firn.hostile.versions", "").equals("all")) {
            for (short v = api.minVersion(); v <= api.maxVersion(); v++) {
                versions.add(v);
            }
        }
        return versions;
    }

    private static long least(int port, ApiKeys key, short version, ByteBuffer body)
            throws IOException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < ATTEMPTS && least > MOST_NANOS; i++) {
            least = Math.min(least, loopNanos(port, key, version, body.duplicate()));
        }
        return least;
    }

    /// What the busiest event loop worked for while the body was answered or refused.
    private static long loopNanos(int port, ApiKeys key, short version, ByteBuffer body)
            throws IOException {
        long[] loops = loops();
        long[] before = cpu(loops);
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(PATIENCE_MS);
            RequestHeader header = new RequestHeader(key, version, "hostile", 1);
            ByteBuffer head =
                    org.apache.kafka.common.protocol.MessageUtil.toByteBufferAccessor(
                                    header.data(), key.requestHeaderVersion(version))
                            .buffer();
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            byte[] frame = new byte[head.remaining() + body.remaining()];
            head.get(frame, 0, head.remaining());
            body.get(frame, frame.length - body.remaining(), body.remaining());
            out.writeInt(frame.length);
            out.write(frame);
            out.flush();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            in.readFully(new byte[in.readInt()]);
        } catch (EOFException | SocketException | SocketTimeoutException e) {
            // refused by closing, or it waits
        }
        long[] after = cpu(loops);
        long most = 0;
        for (int i = 0; i < loops.length; i++) {
            most = Math.max(most, after[i] - before[i]);
        }
        return most;
    }

    private static long[] loops() {
        return Arrays.stream(THREADS.dumpAllThreads(false, false, 0))
                .filter(thread -> thread.getThreadName().contains("-io-"))
                .mapToLong(thread -> thread.getThreadId())
                .toArray();
    }

    private static long[] cpu(long[] threads) {
        return Arrays.stream(threads).map(THREADS::getThreadCpuTime).toArray();
    }

    static ByteBuffer body(ApiKeys key, short version, Shape shape, int bytes) {
        for (int scale = 100; scale > 1; scale = scale * 2 / 3) {
            try {
                return BodyMaker.body(key, version, bytes, new Hostile(shape, bytes, scale));
            } catch (BufferOverflowException e) {
                // several arrays share the room
            }
        }
        throw new IllegalStateException("%s %d %s".formatted(key, version, shape));
    }

    private static final class Hostile implements BodyMaker.Filling {
        private static final String LONGEST = "a".repeat(32_000);
        private static final int FEW = 1500;
        private static final List<String> SHARING = sharing();

        private final Shape shape;
        private final int bytes;
        private final int percent;
        private int texts;

        Hostile(Shape shape, int bytes, int percent) {
            this.shape = shape;
            this.bytes = bytes;
            this.percent = percent;
        }

        @Override
        public int entries(int depth, int elementBytes, boolean nests) {
            long most =
                    switch (shape) {
                        case ALIKE -> depth == 1 ? bytes / (elementBytes + 28) : 0;
                        case SLOTS -> depth == 1 ? Math.min(FEW, bytes / (elementBytes + 8)) : 0;
                        case TINY -> depth == 1 ? bytes / elementBytes : 0;
                        case NESTED ->
                                nests
                                        ? 30
                                        : bytes
                                                / (elementBytes + 2)
                                                / (long) Math.pow(30, depth - 1);
                        case TAGS -> depth == 1 ? 100 : 0;
                        case LONG -> depth == 1 ? bytes / (LONGEST.length() + elementBytes) : 0;
                    };
            return (int) (most * percent / 100);
        }

        @Override
        public String text() {
            int i = texts++;
            return switch (shape) {
                case ALIKE -> alike(i);
                case SLOTS -> SHARING.get(i % FEW);
                case TINY, NESTED, TAGS -> "";
                case LONG -> percent == 100 && bytes < LONGEST.length() * 3 ? "b" : LONGEST;
            };
        }

        @Override
        public long number(int size) {
            return 1;
        }

        @Override
        public int unknownTags(int depth) {
            return shape != Shape.TAGS ? 0 : depth == 0 ? 1000 : bytes / 100 / 4 * percent / 100;
        }

        @Override
        public int bytes() {
            return 0;
        }

        @Override
        public boolean optional() {
            return shape == Shape.NESTED;
        }

        private static String alike(int i) {
            StringBuilder name = new StringBuilder();
            for (int bit = 0; bit < 14; bit++) {
                name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            return name.toString();
        }

        private static List<String> sharing() {
            List<String> found = new ArrayList<>();
            for (int i = 0; found.size() < FEW; i++) {
                String name = Integer.toString(i, 36);
                if ((name.hashCode() & Integer.MAX_VALUE) % (2 * FEW + 1) == 5) {
                    found.add(name);
                }
            }
            return found;
        }
    }
}
