package io.firn.log;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// Back-pressure (L10): closed from the moment at which more than `high` bytes wait to be written
/// until fewer than `low` do. Whoever reads from producers' sockets reads no more of them while it
/// is closed; what was read by then is taken all the same, so nothing is refused for its amount.
/// Thread safe.
public final class AppendGate {
    private final long high;
    private final long low;
    private final AtomicLong waiting = new AtomicLong();
    private final List<Runnable> whenOpen = new ArrayList<>();
    private volatile boolean closed;

    public AppendGate(long high) {
        this.high = high;
        this.low = high / 2;
    }

    /// Bytes that wait.
    long waitingBytes() {
        return waiting.get();
    }

    public boolean isOpen() {
        return !closed;
    }

    /// Runs `action` once, as soon as the gate is open: now, or later on a thread of the log, where
    /// it must return at once.
    public void whenOpen(Runnable action) {
        synchronized (whenOpen) {
            if (closed) {
                whenOpen.add(action);
                return;
            }
        }
        action.run();
    }

    public void enter(long bytes) {
        if (waiting.addAndGet(bytes) > high && !closed) {
            synchronized (whenOpen) {
                closed = waiting.get() > high; // it may have gone meanwhile
            }
        }
    }

    public void leave(long bytes) {
        if (waiting.addAndGet(-bytes) <= low && closed) {
            List<Runnable> actions;
            synchronized (whenOpen) {
                if (waiting.get() > low) {
                    return; // whoever leaves next looks again
                }
                closed = false;
                actions = List.copyOf(whenOpen);
                whenOpen.clear();
            }
            actions.forEach(Runnable::run);
        }
    }
}
