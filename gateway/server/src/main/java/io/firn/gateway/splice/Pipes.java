package io.firn.gateway.splice;

import io.netty.channel.epoll.Epoll;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// A gateway's pipes. Their number is bounded (G7), since the bytes for a client that does not read
/// wait in one; who gets none copies. May be used from any thread.
public final class Pipes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pipes.class);
    private static final int MOST = 64;

    private final int most;
    private final Queue<Pipe> idle = new ConcurrentLinkedQueue<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicBoolean complained = new AtomicBoolean();
    private final LongAdder moved = new LongAdder();
    private volatile boolean closed;

    private Pipes(int most) {
        this.most = most;
    }

    /// As many as a gateway should have on this machine: none if it is not Linux.
    public static Pipes ofMachine() {
        return new Pipes(Epoll.isAvailable() ? MOST : 0);
    }

    /// Every response is copied.
    public static Pipes none() {
        return new Pipes(0);
    }

    /// An empty one, to be given back; null if all are in use.
    @Nullable Pipe take() {
        Pipe known = idle.poll();
        if (known != null || closed) {
            return known;
        }
        if (open.incrementAndGet() <= most) {
            try {
                return Pipe.open();
            } catch (IOException e) {
                if (complained.compareAndSet(false, true)) {
                    LOG.warn(
                            "Cannot open a pipe: {}. Responses are copied while that is so; raise"
                                    + " the limit of open files to avoid it.",
                            e.getMessage());
                }
            }
        }
        open.decrementAndGet();
        return null;
    }

    /// Closes it if there are bytes in it, which nobody wants any more.
    void give(Pipe pipe) {
        if (pipe.bytes() == 0) {
            idle.add(pipe);
        } else {
            close(pipe);
        }
        if (closed) {
            closeIdle();
        }
    }

    void count(int bytes) {
        moved.add(bytes);
    }

    /// Bytes that passed without entering this process.
    public long movedBytes() {
        return moved.sum();
    }

    /// Those in use are closed as soon as they are given back.
    @Override
    public void close() {
        closed = true;
        closeIdle();
    }

    private void closeIdle() {
        Pipe pipe = idle.poll();
        while (pipe != null) {
            close(pipe);
            pipe = idle.poll();
        }
    }

    private void close(Pipe pipe) {
        open.decrementAndGet();
        try {
            pipe.close();
        } catch (IOException e) {
            LOG.warn("Cannot close a pipe: {}", e.getMessage());
        }
    }
}
