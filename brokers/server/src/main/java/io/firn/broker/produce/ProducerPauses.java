package io.firn.broker.produce;

import io.firn.log.AppendGate;
import io.firn.protocol.connection.Connection;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Stops reading from connections that produce while the disk has more to write than it may hold
/// (L10): producers wait in their sockets, nobody is refused, and who only reads is not stopped.
/// What waits is bounded by the gate, and one request of each connection more.
public final class ProducerPauses {
    private final AppendGate gate;
    private final Set<Connection> paused = ConcurrentHashMap.newKeySet();

    public ProducerPauses(AppendGate gate) {
        this.gate = gate;
    }

    /// Called after a connection's batches were handed over, on its own thread.
    void look(Connection connection) {
        if (gate.isOpen() || !paused.add(connection)) {
            return;
        }
        connection.pause(true);
        gate.whenOpen(
                () -> {
                    paused.remove(connection);
                    connection.pause(false);
                });
    }

    /// Connections that are not read now.
    public int count() {
        return paused.size();
    }
}
