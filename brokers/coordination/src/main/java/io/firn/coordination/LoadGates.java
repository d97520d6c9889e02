package io.firn.coordination;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// One gate per partition that is being loaded: requests wait before it instead of asking again and
/// again. A partition without a gate is open, so a request for another broker's group gets its
/// answer at once.
final class LoadGates {
    private final Map<Integer, Gate> closed = new ConcurrentHashMap<>();

    void close(int partition) {
        closed.computeIfAbsent(partition, it -> new Gate());
    }

    /// The gate goes after the last who waited has passed: who comes meanwhile still queues.
    void passed(int partition) {
        Gate gate = closed.get(partition);
        if (gate != null) {
            gate.open();
            closed.remove(partition, gate);
        }
    }

    void passAll() {
        closed.keySet().forEach(this::passed);
    }

    /// Completes when the partition is loaded, or after `waitMs`; never fails.
    CompletableFuture<Void> passed(int partition, long waitMs) {
        Gate gate = closed.get(partition);
        return gate == null ? CompletableFuture.completedFuture(null) : gate.pass(waitMs);
    }

    CompletableFuture<Void> allPassed(long waitMs) {
        return CompletableFuture.allOf(
                closed.values().stream()
                        .map(gate -> gate.pass(waitMs))
                        .toArray(CompletableFuture[]::new));
    }
}
