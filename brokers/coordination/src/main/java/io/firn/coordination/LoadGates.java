package io.firn.coordination;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// One gate per partition that is being loaded: requests wait before it instead of asking again and
/// again. A partition without a gate is open, so a request for another broker's group gets its
/// answer at once.
final class LoadGates {
    private final Map<Integer, CompletableFuture<Void>> closed = new ConcurrentHashMap<>();

    void close(int partition) {
        closed.computeIfAbsent(partition, it -> new CompletableFuture<>());
    }

    void passed(int partition) {
        CompletableFuture<Void> gate = closed.remove(partition);
        if (gate != null) {
            gate.complete(null);
        }
    }

    void passAll() {
        closed.keySet().forEach(this::passed);
    }

    /// Completes when the partition is loaded, or after `waitMs`; never fails.
    CompletableFuture<Void> passed(int partition, long waitMs) {
        CompletableFuture<Void> gate = closed.get(partition);
        return gate == null ? CompletableFuture.completedFuture(null) : bounded(gate, waitMs);
    }

    CompletableFuture<Void> allPassed(long waitMs) {
        return CompletableFuture.allOf(
                closed.values().stream()
                        .map(gate -> bounded(gate, waitMs))
                        .toArray(CompletableFuture[]::new));
    }

    private static CompletableFuture<Void> bounded(CompletableFuture<Void> gate, long waitMs) {
        return gate.copy().completeOnTimeout(null, waitMs, TimeUnit.MILLISECONDS);
    }
}
