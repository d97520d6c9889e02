package io.firn.broker;

import com.sun.management.OperatingSystemMXBean;

import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.RequestHeader;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// What a request costs the event loops of this process, in processor time: how busy the machine is
/// does not matter, nor what other threads do for it.
final class LoopTime {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int LOOK_MS = 20;
    private static final int LOOKS_AT_REST = 5;

    private final int port;
    private final byte[] preface;

    /// @param preface what a connection to `port` begins with
    LoopTime(int port, byte[] preface) {
        this.port = port;
        this.preface = preface;
    }

    /// The honest cost of a body: the least of a few attempts, of which the first are made with
    /// code that is not compiled yet. Ends with the first that is below `enough`.
    long leastNanos(ApiKeys key, short version, ByteBuffer body, int attempts, long enough)
            throws IOException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < attempts && least > enough; i++) {
            least = Math.min(least, nanos(key, version, body.duplicate()));
        }
        return least;
    }

    /// What the busiest loop worked for from the request's first byte until it was answered or
    /// refused, or until nobody in the process did anything for it any more: then it waits.
    private long nanos(ApiKeys key, short version, ByteBuffer body) throws IOException {
        Map<Long, Long> before = loops();
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(LOOK_MS);
            OutputStream out = socket.getOutputStream();
            out.write(preface);
            out.write(frame(key, version, body));
            awaitAnswer(socket.getInputStream());
        } catch (IOException refused) {
            // by closing
        }
        long most = 0;
        for (Map.Entry<Long, Long> loop : loops().entrySet()) {
            most = Math.max(most, loop.getValue() - before.getOrDefault(loop.getKey(), 0L));
        }
        return most;
    }

    /// The processor time of each loop up to now; they start one by one, with their first work.
    private static Map<Long, Long> loops() {
        return Arrays.stream(THREADS.dumpAllThreads(false, false, 0))
                .filter(thread -> thread.getThreadName().contains("-io-"))
                .map(ThreadInfo::getThreadId)
                .collect(Collectors.toMap(id -> id, THREADS::getThreadCpuTime));
    }

    private static void awaitAnswer(InputStream in) throws IOException {
        byte[] some = new byte[64 * 1024];
        ByteBuffer size = ByteBuffer.allocate(4);
        long left = Long.MAX_VALUE;
        int atRest = 0;
        long worked = worked();
        while (left > 0 && atRest < LOOKS_AT_REST) {
            try {
                int read = in.read(some, 0, size.hasRemaining() ? size.remaining() : some.length);
                if (read < 0) {
                    return;
                }
                if (size.hasRemaining()) {
                    size.put(some, 0, read);
                    left = size.hasRemaining() ? left : size.getInt(0);
                } else {
                    left -= read;
                }
            } catch (SocketTimeoutException nothingYet) {
                long now = worked();
                atRest = now - worked < REST_NANOS ? atRest + 1 : 0;
                worked = now;
            }
        }
    }

    /// By everybody.
    private static long worked() {
        return PROCESS.getProcessCpuTime();
    }

    private static byte[] frame(ApiKeys key, short version, ByteBuffer body) {
        RequestHeader header = new RequestHeader(key, version, "hostile", 1);
        ByteBuffer head =
                MessageUtil.toByteBufferAccessor(header.data(), key.requestHeaderVersion(version))
                        .buffer();
        int bytes = head.remaining() + body.remaining();
        return ByteBuffer.allocate(4 + bytes).putInt(bytes).put(head).put(body).array();
    }
}
