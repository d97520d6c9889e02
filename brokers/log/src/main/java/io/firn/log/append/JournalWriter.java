package io.firn.log.append;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Writes one group while the log thread stages the next (HOT-PATH §6): it holds one at a time, so
/// groups finish in their order and at most two are in flight.
public final class JournalWriter implements Runnable {
    private final Consumer<WriteGroup> finish;
    private final Runnable idle;
    private final Thread thread;
    private volatile @Nullable WriteGroup group;
    private volatile boolean stopping;

    /// @param finish writes a group and answers; never throws
    /// @param idle called after each group, when there is room for the next
    public JournalWriter(Consumer<WriteGroup> finish, Runnable idle) {
        this.finish = finish;
        this.idle = idle;
        this.thread = Thread.ofPlatform().name("firn-log-journal").unstarted(this);
    }

    public void start() {
        thread.start();
    }

    /// Whether all groups that it got are finished.
    public boolean isIdle() {
        return group == null;
    }

    /// Only while it is idle.
    public void write(WriteGroup next) {
        group = next;
        LockSupport.unpark(thread);
    }

    @Override
    public void run() {
        while (true) {
            WriteGroup now = group;
            if (now != null) {
                finish.accept(now);
                group = null;
                idle.run();
            } else if (stopping) {
                return;
            } else {
                LockSupport.park(this);
            }
        }
    }

    /// Finishes what it has, then ends.
    public void stop() {
        stopping = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
