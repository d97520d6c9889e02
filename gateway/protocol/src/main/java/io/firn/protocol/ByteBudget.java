package io.firn.protocol;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Bytes that all connections of a server may hold at once (G7). A connection that finds no room
/// waits, first come first served, and reads nothing more until it is called.
///
/// Frames are charged as their bytes come, so many half frames could fill the budget and wait for
/// each other. Hence one half frame at a time may go beyond it: the bound is the budget and one
/// frame. While anybody waits longer than `patience`, half frames that hardly move are given up.
public final class ByteBudget {
    /// A connection, seen from its budget. All methods are called without the budget's lock, from
    /// any thread.
    interface Claimant {
        /// Whether it holds a part of a frame already.
        boolean hasPart();

        /// The bytes that it waited for are its own now.
        void granted();

        /// Others wait: a half frame that hardly moves is to be given up.
        void hurry();
    }

    private record Wait(Claimant who, int bytes) {}

    private final long totalBytes;
    private final Duration patience;
    private final Set<Claimant> claimants = ConcurrentHashMap.newKeySet();
    private final Deque<Wait> waiting = new ArrayDeque<>();
    private long freeBytes;
    private long hurriedNanos;

    /// The claimant that may go beyond the budget; `this` for none.
    private volatile Object overdrawn = this;

    public ByteBudget(long totalBytes) {
        this(totalBytes, Duration.ofSeconds(10));
    }

    ByteBudget(long totalBytes, Duration patience) {
        this.totalBytes = totalBytes;
        this.freeBytes = totalBytes;
        this.patience = patience;
        this.hurriedNanos = System.nanoTime() - patience.toNanos();
    }

    /// How long a half frame that hardly moves is put up with while others wait.
    Duration patience() {
        return patience;
    }

    void join(Claimant who) {
        claimants.add(who);
    }

    /// It holds nothing that is not part of a whole frame, and does not wait any more.
    void leave(Claimant who) {
        claimants.remove(who);
        List<Claimant> called;
        synchronized (this) {
            waiting.removeIf(wait -> wait.who() == who);
            called = overdrawn == who ? endOverdraft() : grants();
        }
        called.forEach(Claimant::granted);
    }

    /// Takes `bytes`, or has the claimant called once they have been taken for it.
    boolean tryTake(Claimant who, int bytes) {
        synchronized (this) {
            if (waiting.isEmpty() && freeBytes >= bytes) {
                freeBytes -= bytes;
                return true;
            }
            if (mayOverdraw(who)) {
                overdrawn = who;
                freeBytes -= bytes;
                return true;
            }
            waiting.add(new Wait(who, bytes));
            return false;
        }
    }

    /// Somebody has waited long: every half frame has to move or go. Many may call; one look in
    /// half the patience is enough.
    void hurryAll() {
        long now = System.nanoTime();
        synchronized (this) {
            if (now - hurriedNanos < patience.toNanos() / 2) {
                return;
            }
            hurriedNanos = now;
        }
        claimants.forEach(Claimant::hurry);
    }

    /// The frame that `who` has been reading is whole.
    void whole(Claimant who) {
        if (overdrawn != who) { // only its own loop makes it so
            return;
        }
        List<Claimant> called;
        synchronized (this) {
            called = endOverdraft();
        }
        called.forEach(Claimant::granted);
    }

    void give(int bytes) {
        List<Claimant> called;
        synchronized (this) {
            freeBytes += bytes;
            if (waiting.isEmpty()) {
                return;
            }
            called = grants();
        }
        called.forEach(Claimant::granted);
    }

    public synchronized long usedBytes() {
        return totalBytes - freeBytes;
    }

    private boolean mayOverdraw(Claimant who) {
        return overdrawn == who || (overdrawn == this && who.hasPart());
    }

    private List<Claimant> endOverdraft() {
        overdrawn = this;
        return grants();
    }

    private List<Claimant> grants() {
        List<Claimant> granted = new ArrayList<>();
        Wait head = waiting.peek();
        while (head != null && freeBytes >= head.bytes()) {
            granted.add(take(waiting.remove()));
            head = waiting.peek();
        }
        Iterator<Wait> rest = waiting.iterator();
        while (overdrawn == this && rest.hasNext()) {
            Wait next = rest.next();
            if (next.who().hasPart()) {
                rest.remove();
                overdrawn = next.who();
                granted.add(take(next));
            }
        }
        return granted;
    }

    private Claimant take(Wait wait) {
        freeBytes -= wait.bytes();
        return wait.who();
    }
}
