package io.firn.gateway.upstream;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Which brokers could not be reached lately, for all clients of a gateway: only one of them waits
/// for a broker that is away, and then the next one only after a while; the others are told at
/// once. Thread safe.
final class Reachability {
    /// A broker's listener.
    record Address(int brokerId, String host, int port) {}

    /// @param untilNanos before this nobody tries
    /// @param delayNanos how long that was
    private record Away(long untilNanos, long delayNanos) {}

    private static final long FIRST_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long LONGEST_DELAY_NANOS = TimeUnit.SECONDS.toNanos(10);

    /// Longer than any attempt takes.
    private static final long ATTEMPT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final Map<Address, Away> away = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;

    Reachability(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /// Whether to try now. Who may has to say what came of it.
    boolean mayTry(Address broker) {
        Away known = away.get(broker);
        if (known == null) {
            return true;
        }
        long now = nanoTime.getAsLong();
        return now - known.untilNanos() >= 0
                && away.replace(broker, known, new Away(now + ATTEMPT_NANOS, known.delayNanos()));
    }

    void reached(Address broker) {
        away.remove(broker);
    }

    void failed(Address broker) {
        away.compute(
                broker,
                (key, known) -> {
                    long delay =
                            known == null
                                    ? FIRST_DELAY_NANOS
                                    : Math.min(LONGEST_DELAY_NANOS, 2 * known.delayNanos());
                    return new Away(nanoTime.getAsLong() + delay, delay);
                });
    }

    /// Brokers that are not tried for now.
    int awayCount() {
        return away.size();
    }
}
