package io.firn.benchmarks.servers;

import java.nio.file.Path;

/// A `firn standalone` of a load's own whose memory can be looked into.
public final class ObservedFirn implements AutoCloseable {
    private final FirnServer server;
    private final MemoryProbe probe;

    /// @param folder for data and log
    public ObservedFirn(Installation installation, Path folder) {
        this.server =
                new FirnServer(
                        installation.firnHome(),
                        folder,
                        installation.heap(),
                        "strict",
                        MemoryProbe.ENVIRONMENT);
        try {
            this.probe = MemoryProbe.of(server);
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    public FirnServer server() {
        return server;
    }

    public MemoryProbe probe() {
        return probe;
    }

    /// The gateway's address.
    public String address() {
        return server.address();
    }

    @Override
    public void close() {
        probe.close();
        server.close();
    }
}
