package io.firn.controller;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;

/// One member of the Raft quorum that decides leadership.
public final class ControllerNode implements AutoCloseable {
    /// A broker that was silent this long is fenced.
    public static final Duration SESSION = Duration.ofSeconds(9);

    private ControllerNode() {}

    /// Formats the folder at the first start.
    public static ControllerNode start(ControllerConfig config) {
        throw new UnsupportedOperationException();
    }

    public int port() {
        throw new UnsupportedOperationException();
    }

    public String clusterId() {
        throw new UnsupportedOperationException();
    }

    /// For [FollowerConfig] and [ControllerClient]: with the real port.
    public Map<Integer, InetSocketAddress> voters() {
        throw new UnsupportedOperationException();
    }

    /// Whether this controller leads the quorum.
    public boolean isActive() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
