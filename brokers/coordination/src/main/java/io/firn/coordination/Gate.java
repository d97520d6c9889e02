package io.firn.coordination;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Closed until [#open]. Callers pass in the order in which they came, also while it opens, so that
/// a client's later commit never overtakes its earlier one (G1); dependents of one
/// `CompletableFuture` would run last first. Thread safe.
final class Gate {
    private final SequencedSet<CompletableFuture<Void>> waiting = new LinkedHashSet<>();
    private boolean open;

    /// Completes when it is the caller's turn, or after `waitMs`; never fails.
    CompletableFuture<Void> pass(long waitMs) {
        var turn = new CompletableFuture<Void>();
        synchronized (this) {
            if (open) {
                return CompletableFuture.completedFuture(null);
            }
            waiting.add(turn);
        }
        turn.completeOnTimeout(null, waitMs, TimeUnit.MILLISECONDS)
                .whenComplete((done, error) -> leave(turn));
        return turn;
    }

    /// Lets everyone pass, on the caller's thread. Once is enough.
    void open() {
        for (CompletableFuture<Void> turn = next(); turn != null; turn = next()) {
            turn.complete(null);
        }
    }

    private synchronized @Nullable CompletableFuture<Void> next() {
        if (waiting.isEmpty()) {
            open = true;
            return null;
        }
        return waiting.removeFirst();
    }

    private synchronized void leave(CompletableFuture<Void> turn) {
        waiting.remove(turn);
    }
}
