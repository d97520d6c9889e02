package io.firn.controller;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// Registers a broker and keeps its session by heartbeats.
public final class BrokerSession implements AutoCloseable {
    private BrokerSession() {}

    /// Returns when the broker is registered and has its epoch.
    public static BrokerSession start(
            SessionConfig config, ControllerClient controller, ClusterFollower follower) {
        throw new UnsupportedOperationException();
    }

    /// Epoch of this registration.
    public long epoch() {
        throw new UnsupportedOperationException();
    }

    /// Whether the controller counts this broker as alive.
    public boolean unfenced() {
        throw new UnsupportedOperationException();
    }

    /// Waits until the controller counts this broker as alive.
    public void awaitUnfenced(Duration timeout) {
        throw new UnsupportedOperationException();
    }

    /// Asks to hand leaderships over; completes when the broker may stop.
    public CompletableFuture<Void> controlledShutdown() {
        throw new UnsupportedOperationException();
    }

    /// Stops the heartbeats at once, as a crash would.
    @Override
    public void close() {}
}
