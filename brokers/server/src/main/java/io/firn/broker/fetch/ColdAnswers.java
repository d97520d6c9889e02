package io.firn.broker.fetch;

import io.firn.protocol.connection.Connection;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Bytes of cold reads that clients have not taken yet (G7). Hot records go from their file to the
/// socket, but what comes from the table is on the heap until it is sent, and a client that
/// asks and never reads would keep it there. When there is no room a partition's cold records wait
/// for the client's next Fetch. Thread safe.
public final class ColdAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(ColdAnswers.class);

    /// One partition's part of an answer, whatever the client allows.
    static final int MOST_PART_BYTES = 16 << 20;

    private static final long LEAST_ROOM = 32L << 20;
    private static final int HEAP_SHARE = 16;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final long most;
    private final Executor afterPatience;
    private final AtomicLong held = new AtomicLong();

    /// @param most bytes of all answers together
    /// @param afterPatience runs what it gets when a client has had time enough to read
    ColdAnswers(long most, Executor afterPatience) {
        this.most = most;
        this.afterPatience = afterPatience;
    }

    /// A sixteenth of the heap, and a minute for each client.
    public static ColdAnswers ofHeap() {
        return new ColdAnswers(
                Math.max(LEAST_ROOM, Runtime.getRuntime().maxMemory() / HEAP_SHARE),
                CompletableFuture.delayedExecutor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    /// What one Fetch holds.
    Reservation reserve() {
        return new Reservation();
    }

    long heldBytes() {
        return held.get();
    }

    final class Reservation {
        private final List<Runnable> whenReleased = new ArrayList<>();
        private long bytes;
        private boolean released;

        /// Whether a part of up to `partBytes` may be read.
        synchronized boolean tryTake(int partBytes) {
            if (released) {
                return false;
            }
            if (held.addAndGet(partBytes) > most) {
                held.addAndGet(-partBytes);
                return false;
            }
            bytes += partBytes;
            return true;
        }

        /// Tells when nobody needs this part of the answer any more; never, when the answer was
        /// given up before it came.
        synchronized void whenReleased(Runnable done) {
            if (!released) {
                whenReleased.add(done);
            }
        }

        /// The answer is ready: a client that does not take it is disconnected after a while.
        synchronized void awaitTaken(Connection connection) {
            if (bytes > 0 && !released) {
                afterPatience.execute(() -> giveUp(connection));
            }
        }

        private void giveUp(Connection connection) {
            synchronized (this) {
                if (released) {
                    return;
                }
            }
            LOG.warn(
                    "Closing connection {}: it has not read the {} bytes of a cold answer for {} s",
                    connection.id(),
                    bytes,
                    PATIENCE.toSeconds());
            connection.close();
        }

        /// The answer is sent, or never will be.
        synchronized void release() {
            if (!released) {
                released = true;
                held.addAndGet(-bytes);
                whenReleased.forEach(Runnable::run);
                whenReleased.clear(); // patience keeps this for a minute
            }
        }
    }
}
