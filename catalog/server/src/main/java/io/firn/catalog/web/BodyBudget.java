package io.firn.catalog.web;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/// Bytes of unanswered requests, and of answers that nobody has taken, that all connections to the
/// catalog may hold at once (G7). Bodies are gathered whole before they are read, and an answer is
/// whole before its client reads it, so slow clients with large ones would otherwise take the
/// memory of everything else in the process. Brokers' requests have a part of their own, which no
/// client can fill: without the catalog nothing becomes rows.
///
/// When it is full, whoever has moved nothing for longest has to go. Large bodies that are whole
/// are worked on two at a time: what is made of them is many times as large (G12). Thread safe.
final class BodyBudget {
    enum Lane {
        BROKERS(32L << 20),
        CLIENTS(64L << 20),
        ANSWERS(64L << 20);

        private final long mostBytes;

        Lane(long mostBytes) {
            this.mostBytes = mostBytes;
        }
    }

    /// Smaller ones are worked on at once.
    static final int LARGE_BYTES = 64 * 1024;

    private static final int LARGE_AT_ONCE = 2;

    /// Who has sent something since is not the one to go.
    private static final long MOVES_NANOS = 1_000_000_000L;

    private static final long WARN_NANOS = 1_000_000_000L;
    private static final Logger LOG = LoggerFactory.getLogger(BodyBudget.class);

    private final LongSupplier nanos;
    private final long[] used = new long[Lane.values().length];
    private final Set<Held> all = new HashSet<>();
    private final Deque<Held> waiting = new ArrayDeque<>();
    private int large;
    private long warnedNanos;

    BodyBudget(LongSupplier nanos) {
        this.nanos = nanos;
        this.warnedNanos = nanos.getAsLong() - WARN_NANOS;
    }

    /// What one request holds until it is answered, or an answer until it is taken. Guarded by the
    /// budget.
    final class Held {
        private final Lane lane;
        private final Runnable evicted;
        private final long beganNanos = nanos.getAsLong();
        private long bytes;
        private long movedNanos = beganNanos;
        private boolean whole;
        private boolean gone;
        private boolean counted;
        private @Nullable Runnable turn;

        private Held(Lane lane, Runnable evicted) {
            this.lane = lane;
            this.evicted = evicted;
        }

        boolean isBrokers() {
            return lane == Lane.BROKERS;
        }
    }

    /// A request, or an answer, begins.
    ///
    /// @param evicted called from any thread when others need what it holds; that is theirs already
    Held begin(Lane lane, Runnable evicted) {
        Held held = new Held(lane, evicted);
        synchronized (this) {
            all.add(held);
        }
        return held;
    }

    /// Some of its body has come. What is larger than all there is counts as all there is.
    ///
    /// @return whether there is room for it
    boolean came(Held held, int more) {
        long bytes = Math.min(more, held.lane.mostBytes);
        List<Held> out = new ArrayList<>();
        boolean room;
        synchronized (this) {
            if (held.gone) {
                return false;
            }
            int lane = held.lane.ordinal();
            Held next = held;
            while (next != null && used[lane] + bytes > held.lane.mostBytes) {
                next = stalled(held);
                if (next != null) {
                    forget(next);
                    out.add(next);
                }
            }
            room = used[lane] + bytes <= held.lane.mostBytes;
            if (room) {
                used[lane] += bytes;
                held.bytes += bytes;
                held.movedNanos = nanos.getAsLong();
            }
        }
        out.forEach(it -> it.evicted.run());
        return room;
    }

    private @Nullable Held stalled(Held but) {
        long now = nanos.getAsLong();
        return all.stream()
                .filter(it -> it != but && it.lane == but.lane && !it.whole && it.bytes > 0)
                .filter(it -> now - it.movedNanos > MOVES_NANOS)
                .max(Comparator.comparingLong(it -> now - it.movedNanos))
                .orElse(null);
    }

    /// All of it has come.
    ///
    /// @param turn called once, here or from any thread, when it may be worked on
    void whole(Held held, Runnable turn) {
        synchronized (this) {
            held.whole = true;
            if (held.gone) {
                return;
            }
            if (held.bytes > LARGE_BYTES && held.lane == Lane.CLIENTS) {
                if (large >= LARGE_AT_ONCE) {
                    held.turn = turn;
                    waiting.add(held);
                    return;
                }
                held.counted = true;
                large++;
            }
        }
        turn.run();
    }

    /// It is answered, or taken, or its connection is gone.
    void give(Held held) {
        Held next;
        synchronized (this) {
            next = forget(held);
        }
        if (next != null && next.turn != null) {
            next.turn.run();
        }
    }

    private @Nullable Held forget(Held held) {
        if (held.gone) {
            return null;
        }
        held.gone = true;
        all.remove(held);
        waiting.remove(held);
        used[held.lane.ordinal()] -= held.bytes;
        if (!held.counted) {
            return null;
        }
        large--;
        Held next = waiting.poll();
        if (next != null) {
            next.counted = true;
            large++;
        }
        return next;
    }

    /// Whether its body comes too slowly: nothing for ten seconds, or less than 64 KiB/s after the
    /// first half minute.
    synchronized boolean isSlow(Held held) {
        long now = nanos.getAsLong();
        double allowed = 30e9 + held.bytes / (64.0 * 1024) * 1e9;
        return !held.whole
                && !held.gone
                && (now - held.movedNanos > 10e9 || now - held.beganNanos > allowed);
    }

    synchronized long usedBytes(Lane lane) {
        return used[lane.ordinal()];
    }

    /// Who causes it can do so as often as he likes, so it is said once a second at most.
    void warn(String message, Object... values) {
        synchronized (this) {
            long now = nanos.getAsLong();
            if (now - warnedNanos < WARN_NANOS) {
                return;
            }
            warnedNanos = now;
        }
        LOG.warn(message, values);
    }
}
