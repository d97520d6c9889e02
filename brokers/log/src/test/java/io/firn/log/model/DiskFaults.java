package io.firn.log.model;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// What goes wrong with a disk, and when: the n-th change from now on fails, or the folder is
/// looked at in the moment before it. Changes stand still while somebody looks.
final class DiskFaults {
    enum Change {
        CREATE,
        WRITE,
        TRUNCATE,
        SYNC,
        MOVE,
        DELETE
    }

    /// What happens at one change.
    enum Kind {
        NOTHING,
        /// The process is killed in the moment before it.
        KILL,
        /// It fails, and the next one works: an I/O error.
        ERROR_ONCE,
        /// It and all that follow fail: the disk is gone.
        ERROR_FOREVER,
        /// What needs space fails from here on.
        FULL
    }

    static final class Injected extends IOException {
        private final Kind kind;

        Injected(Kind kind, Change change, Path path) {
            super(
                    "%s (injected at %s of %s)"
                            .formatted(
                                    kind == Kind.FULL
                                            ? "No space left on device"
                                            : "Input/output error",
                                    change,
                                    path.getFileName()));
            this.kind = kind;
        }

        boolean leavesHalf() {
            return kind != Kind.ERROR_FOREVER;
        }
    }

    /// @param at how many changes still work
    private record Plan(Kind kind, AtomicInteger at, Runnable look, @Nullable Thread only) {}

    interface Operation<T> {
        T run() throws IOException;
    }

    /// Held while a fault is decided on and happens: none of it happens after [#disarm].
    private final Object deciding = new Object();

    private final ReentrantReadWriteLock standStill = new ReentrantReadWriteLock(true);
    private volatile @Nullable Plan plan;
    private volatile @Nullable String hit;
    private volatile Duration slowness = Duration.ZERO;

    /// Each change takes so much longer from now on.
    void slow(Duration each) {
        slowness = each;
    }

    /// @param at how many changes still work
    /// @param only whose changes count; null for everybody's
    /// @param look called at a [Kind#KILL]
    void arm(Kind kind, int at, @Nullable Thread only, Runnable look) {
        hit = null;
        plan = kind == Kind.NOTHING ? null : new Plan(kind, new AtomicInteger(at), look, only);
    }

    /// What happened, if it did; nothing happens from here on.
    @Nullable String disarm() {
        synchronized (deciding) {
            plan = null;
        }
        standStill.writeLock().lock(); // who is in the middle of a change ends it
        standStill.writeLock().unlock();
        return hit;
    }

    /// What went wrong since [#arm], or null.
    @Nullable String hit() {
        return hit;
    }

    /// Nothing changes meanwhile.
    void standStill(Runnable look) {
        standStill.writeLock().lock();
        try {
            look.run();
        } finally {
            standStill.writeLock().unlock();
        }
    }

    <T> T change(Change change, Path path, Operation<T> operation) throws IOException {
        if (!slowness.isZero()) {
            LockSupport.parkNanos(slowness.toNanos());
        }
        if (plan != null) {
            synchronized (deciding) {
                decide(change, path);
            }
        }
        standStill.readLock().lock();
        try {
            return operation.run();
        } finally {
            standStill.readLock().unlock();
        }
    }

    private void decide(Change change, Path path) throws IOException {
        Plan now = plan;
        if (now == null
                || (now.only != null && now.only != Thread.currentThread())
                || (now.kind == Kind.FULL && !needsSpace(change))) {
            return;
        }
        int left = now.at.getAndDecrement();
        boolean again = left < 0 && (now.kind == Kind.ERROR_FOREVER || now.kind == Kind.FULL);
        if (left == 0 || again) {
            happens(now, change, path);
        }
    }

    private void happens(Plan now, Change change, Path path) throws IOException {
        if (now.kind == Kind.KILL) {
            hit = hit == null ? "killed before %s of %s".formatted(change, path) : hit;
            standStill(now.look);
        } else {
            var injected = new Injected(now.kind, change, path);
            hit = hit == null ? injected.getMessage() : hit;
            throw injected;
        }
    }

    private static boolean needsSpace(Change change) {
        return change == Change.CREATE || change == Change.WRITE;
    }
}
