package io.firn.controller.raft;

import org.apache.kafka.server.fault.FaultHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/// What becomes of faults inside Kafka's classes. All are logged. A fatal one completes a future,
/// so that the process stops: its metadata must not be trusted any more. One that leaves this
/// node's image wrong without being fatal stays for `/health` to say, and as Kafka does it ends
/// snapshots: a snapshot of an image with a hole would make the hole permanent (I12).
public final class Faults {
    private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

    private final String node;
    private final boolean controllerInProcess;
    private final CompletableFuture<Void> fatal = new CompletableFuture<>();
    private final AtomicReference<@Nullable String> standing = new AtomicReference<>();
    private final AtomicReference<@Nullable String> snapshotsDisabled = new AtomicReference<>();

    /// @param controllerInProcess whether a controller runs in this process: a record that does not
    ///     apply is fatal there, since the controller decides by it; elsewhere the process goes on
    ///     with what it has, lest one record stop every broker at once (Kafka's `SharedServer`)
    public Faults(String node, boolean controllerInProcess) {
        this.node = node;
        this.controllerInProcess = controllerInProcess;
    }

    /// For what must not go on at all.
    public FaultHandler fatal() {
        return (message, cause) -> {
            snapshotsDisabled.compareAndSet(null, message);
            return stop(message, cause);
        };
    }

    /// For faults of one request or one attempt, after which the next may succeed.
    public FaultHandler passing() {
        return (message, cause) -> {
            LOG.error("{} met an unexpected fault: {}", node, message, cause);
            return fault(message, cause);
        };
    }

    /// For records that could not be applied: the image has a hole from now on.
    FaultHandler loading() {
        return (message, cause) -> {
            snapshotsDisabled.compareAndSet(null, message);
            if (controllerInProcess) {
                return stop(message, cause);
            }
            LOG.error(
                    "{} could not apply metadata and goes on without it; restart it, and if that does not help, upgrade it: {}",
                    node,
                    message,
                    cause);
            stands(message, cause);
            return fault(message, cause);
        };
    }

    /// A role could not follow an image that is right.
    ///
    /// @param first whether it was its first, without which the role knows nothing at all
    public void following(String message, Throwable cause, boolean first) {
        if (first) {
            var unused = stop(message, cause);
        } else {
            LOG.error("{}: {}; restart it", node, message, cause);
            stands(message, cause);
        }
    }

    /// Why snapshots must not be made any more, if so.
    AtomicReference<@Nullable String> snapshotsDisabled() {
        return snapshotsDisabled;
    }

    /// The first fault that only a restart mends.
    public Optional<String> standing() {
        return Optional.ofNullable(standing.get());
    }

    /// Completes exceptionally when the node cannot go on.
    public CompletableFuture<Void> failure() {
        return fatal;
    }

    private RuntimeException stop(String message, @Nullable Throwable cause) {
        RuntimeException fault = fault(message, cause);
        LOG.error("{} failed and must be restarted: {}", node, message, cause);
        stands(message, cause);
        fatal.completeExceptionally(fault);
        return fault;
    }

    private void stands(String message, @Nullable Throwable cause) {
        standing.compareAndSet(
                null, cause == null ? message : "%s (%s)".formatted(message, cause.getMessage()));
    }

    private RuntimeException fault(String message, @Nullable Throwable cause) {
        return new IllegalStateException(node + ": " + message, cause);
    }
}
