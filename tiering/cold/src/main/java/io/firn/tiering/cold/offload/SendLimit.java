package io.firn.tiering.cold.offload;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// How many uploads may be under way at once (C10): one more after as many successes as are
/// allowed now, half as many when the store asks to slow down. A lost connection says nothing about
/// the store's load and changes nothing here. Thread safe.
final class SendLimit {
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition room = lock.newCondition();
    private final int most;
    private double limit;
    private int sending;
    private long cuts;

    SendLimit(int most) {
        this.most = most;
        this.limit = most;
    }

    /// Waits for room; give it back with [#release].
    ///
    /// @return to be given to [#slowDown]
    long acquire() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (sending >= (int) limit) {
                room.await();
            }
            sending++;
            return cuts;
        } finally {
            lock.unlock();
        }
    }

    void release() {
        lock.lock();
        try {
            sending--;
            room.signal();
        } finally {
            lock.unlock();
        }
    }

    void sent() {
        lock.lock();
        try {
            limit = Math.min(most, limit + 1 / limit);
            room.signal();
        } finally {
            lock.unlock();
        }
    }

    /// The store answered 503 to something that was sent when `seenCuts` was current: the answers
    /// to what was sent together count once.
    void slowDown(long seenCuts) {
        lock.lock();
        try {
            if (seenCuts == cuts) {
                cuts++;
                limit = Math.max(1, limit / 2);
            }
        } finally {
            lock.unlock();
        }
    }

    int limit() {
        lock.lock();
        try {
            return (int) limit;
        } finally {
            lock.unlock();
        }
    }
}
