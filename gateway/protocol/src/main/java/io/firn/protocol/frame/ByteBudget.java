package io.firn.protocol.frame;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// Bytes that all connections of a server may hold at once (G7). A connection that finds no room
/// waits, first come first served, and reads nothing more until it is called.
///
/// An eighth is a reserve that large frames cannot take, so that whoever holds all the rest stops
/// other large ones only: a heartbeat, a Fetch, a Produce of few records still pass. And no address
/// gets more than three quarters, of the whole, of the reserve, and of what large frames may take.
///
/// Frames are charged as their bytes come, so many half frames could fill the budget and wait for
/// each other. Hence one half frame at a time may go beyond it: the bound is the budget and one
/// frame. While anybody waits longer than `patience`, half frames that hardly move are given up,
/// and with each look the one that has itself waited longest.
public final class ByteBudget {
    /// What a frame or a body is, by its whole size.
    public enum Kind {
        SMALL,
        LARGE;

        /// The largest that may take from the reserve.
        static final int SMALL_BYTES = 64 * 1024;

        public static Kind of(long bytes) {
            return bytes <= SMALL_BYTES ? SMALL : LARGE;
        }
    }

    /// A connection, seen from its budget. All methods are called without the budget's lock, from
    /// any thread.
    public interface Claimant {
        /// Whether it holds a part of a frame already.
        boolean hasPart();

        /// The bytes that it waited for are its own now.
        void granted();

        /// Others wait: a half frame that hardly moves is to be given up.
        void hurry();

        /// Others wait, and this has waited longest for more while it held a part.
        void giveUp();
    }

    private record Wait(Claimant who, Share share, int bytes, long sinceNanos) {}

    /// A half frame that waits for more has so many times the patience of the others.
    private static final int WAITS = 3;

    private final long totalBytes;
    private final long reserveBytes;
    private final Duration patience;
    private final Set<Claimant> claimants = ConcurrentHashMap.newKeySet();
    private final Map<InetAddress, Share> shares = new HashMap<>();
    private final Lane small = new Lane(Kind.SMALL);
    private final Lane large = new Lane(Kind.LARGE);
    private long hurriedNanos;

    public ByteBudget(long totalBytes) {
        this(totalBytes, Duration.ofSeconds(10));
    }

    public ByteBudget(long totalBytes, Duration patience) {
        this.totalBytes = totalBytes;
        this.reserveBytes = totalBytes / 8;
        this.patience = patience;
        this.hurriedNanos = System.nanoTime() - patience.toNanos();
    }

    /// How long a half frame that hardly moves is put up with while others wait.
    public Duration patience() {
        return patience;
    }

    /// What the connections of one address hold together; to be [Share#close]d with the connection.
    public synchronized Share open(InetAddress address) {
        Share share = shares.computeIfAbsent(address, Share::new);
        share.connections++;
        return share;
    }

    void join(Claimant who) {
        claimants.add(who);
    }

    /// It holds nothing that is not part of a whole frame, and does not wait any more.
    public void leave(Claimant who) {
        claimants.remove(who);
        call(
                () -> {
                    small.leave(who);
                    large.leave(who);
                });
    }

    /// Somebody has waited long: every half frame has to move or go. Many may call; one look in
    /// half the patience is enough.
    void hurryAll() {
        long now = System.nanoTime();
        Claimant last;
        synchronized (this) {
            if (now - hurriedNanos < patience.toNanos() / 2) {
                return;
            }
            hurriedNanos = now;
            last = longestWaitingPart(now);
        }
        if (last != null) {
            last.giveUp();
        }
        claimants.forEach(Claimant::hurry);
    }

    private @Nullable Claimant longestWaitingPart(long now) {
        return waits().filter(it -> now - it.sinceNanos() > WAITS * patience.toNanos())
                .filter(it -> claimants.contains(it.who()) && it.who().hasPart())
                .min(Comparator.comparingLong(it -> it.sinceNanos() - now))
                .map(Wait::who)
                .orElse(null);
    }

    /// The frame that `who` has been reading is whole.
    public void whole(Claimant who) {
        if (small.overdrawn == who || large.overdrawn == who) { // only its own loop makes it so
            call(
                    () -> {
                        small.endOverdraft(who);
                        large.endOverdraft(who);
                    });
        }
    }

    public synchronized long usedBytes() {
        return small.used + large.used;
    }

    /// How many connections are not read because there is no room for their bytes.
    public synchronized int waiting() {
        return (int) waits().count();
    }

    /// How long the one of them has waited that has waited longest.
    public synchronized Duration longestWait() {
        long now = System.nanoTime();
        return Duration.ofNanos(waits().mapToLong(it -> now - it.sinceNanos()).max().orElse(0));
    }

    private Stream<Wait> waits() {
        return Stream.concat(small.waits(), large.waits());
    }

    /// Does something that may make room, and calls whom there is room for now.
    private void call(Runnable change) {
        List<Claimant> called;
        synchronized (this) {
            change.run();
            called = grants();
        }
        called.forEach(Claimant::granted);
    }

    private List<Claimant> grants() {
        if (small.isIdle() && large.isIdle()) {
            return List.of();
        }
        List<Claimant> granted = new ArrayList<>();
        large.grant(granted);
        small.grant(granted);
        return granted;
    }

    private static long threeQuarters(long bytes) {
        return bytes - bytes / 4;
    }

    /// What one address holds. What waits for nothing but room in its lane counts already.
    public final class Share {
        private final InetAddress address;
        private long smallBytes;
        private long largeBytes;
        private int connections;

        private Share(InetAddress address) {
            this.address = address;
        }

        public ByteBudget budget() {
            return ByteBudget.this;
        }

        /// Takes `bytes` of something of this kind, or has the claimant called once they have been
        /// taken for it.
        public boolean tryTake(Claimant who, Kind kind, int bytes) {
            synchronized (ByteBudget.this) {
                return lane(kind).tryTake(this, who, bytes);
            }
        }

        public void give(Kind kind, int bytes) {
            List<Claimant> called;
            synchronized (ByteBudget.this) {
                lane(kind).used -= bytes;
                add(kind, -bytes);
                forgetIfEmpty();
                called = grants();
            }
            called.forEach(Claimant::granted);
        }

        public void close() {
            synchronized (ByteBudget.this) {
                connections--;
                forgetIfEmpty();
            }
        }

        private void forgetIfEmpty() {
            if (connections == 0 && smallBytes + largeBytes == 0) {
                shares.remove(address, this);
            }
        }

        private boolean admits(Kind kind, int bytes) {
            long all = smallBytes + largeBytes;
            return switch (kind) {
                case SMALL ->
                        all == 0
                                || smallBytes + bytes <= threeQuarters(reserveBytes)
                                || all + bytes <= threeQuarters(totalBytes);
                case LARGE ->
                        largeBytes == 0
                                || largeBytes + bytes <= threeQuarters(totalBytes - reserveBytes);
            };
        }

        private void add(Kind kind, int bytes) {
            switch (kind) {
                case SMALL -> smallBytes += bytes;
                case LARGE -> largeBytes += bytes;
            }
        }
    }

    private Lane lane(Kind kind) {
        return switch (kind) {
            case SMALL -> small;
            case LARGE -> large;
        };
    }

    private boolean fits(Kind kind, int bytes) {
        return switch (kind) {
            case SMALL ->
                    small.used + bytes <= reserveBytes
                            || (large.waiting.isEmpty()
                                    && small.used + large.used + bytes <= totalBytes);
            case LARGE ->
                    large.used == 0
                            || large.used + Math.max(small.used, reserveBytes) + bytes
                                    <= totalBytes;
        };
    }

    /// Those who hold and want something of one kind. Guarded by the budget.
    private final class Lane {
        private final Kind kind;
        private final Deque<Wait> waiting = new ArrayDeque<>();

        /// Those whose address has to give something back first.
        private final Map<Share, Deque<Wait>> crowded = new LinkedHashMap<>();

        private long used;

        /// The claimant that may go beyond the budget; `this` for none.
        private volatile Object overdrawn = this;

        private Lane(Kind kind) {
            this.kind = kind;
        }

        boolean isIdle() {
            return waiting.isEmpty() && crowded.isEmpty();
        }

        Stream<Wait> waits() {
            return Stream.concat(
                    waiting.stream(), crowded.values().stream().flatMap(Deque::stream));
        }

        boolean tryTake(Share share, Claimant who, int bytes) {
            boolean admitted = !crowded.containsKey(share) && share.admits(kind, bytes);
            boolean room = admitted && waiting.isEmpty() && fits(kind, bytes);
            if (room || overdrawn == who || (overdrawn == this && who.hasPart())) {
                overdrawn = room ? overdrawn : who;
                used += bytes;
                share.add(kind, bytes);
                return true;
            }
            Wait wait = new Wait(who, share, bytes, System.nanoTime());
            if (admitted) {
                admit(wait);
            } else {
                crowded.computeIfAbsent(share, it -> new ArrayDeque<>()).add(wait);
            }
            return false;
        }

        private void admit(Wait wait) {
            wait.share().add(kind, wait.bytes());
            waiting.add(wait);
        }

        void leave(Claimant who) {
            for (Iterator<Wait> all = waiting.iterator(); all.hasNext(); ) {
                Wait wait = all.next();
                if (wait.who() == who) {
                    all.remove();
                    wait.share().add(kind, -wait.bytes());
                    wait.share().forgetIfEmpty();
                }
            }
            crowded.values().forEach(its -> its.removeIf(wait -> wait.who() == who));
            crowded.values().removeIf(Deque::isEmpty);
            endOverdraft(who);
        }

        void endOverdraft(Claimant who) {
            overdrawn = overdrawn == who ? this : overdrawn;
        }

        void grant(List<Claimant> granted) {
            for (var its = crowded.entrySet().iterator(); its.hasNext(); ) {
                var share = its.next();
                Deque<Wait> behind = share.getValue();
                while (!behind.isEmpty() && share.getKey().admits(kind, behind.peek().bytes())) {
                    admit(behind.remove());
                }
                if (behind.isEmpty()) {
                    its.remove();
                }
            }
            while (!waiting.isEmpty() && fits(kind, waiting.peek().bytes())) {
                Wait head = waiting.remove();
                used += head.bytes();
                granted.add(head.who());
            }
            if (overdrawn == this) {
                overdraw(granted);
            }
        }

        /// One that holds a part already may go beyond the budget, or its address's share.
        private void overdraw(List<Claimant> granted) {
            Wait next = waits().filter(it -> it.who().hasPart()).findFirst().orElse(null);
            if (next == null) {
                return;
            }
            if (!waiting.remove(next)) {
                crowded.values().forEach(queue -> queue.remove(next));
                crowded.values().removeIf(Deque::isEmpty);
                next.share().add(kind, next.bytes());
            }
            overdrawn = next.who();
            used += next.bytes();
            granted.add(next.who());
        }
    }
}
