package io.firn.objectstore.embedded;

import org.gaul.shaded.org.eclipse.jetty.io.SelectorManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectableChannel;
import java.util.function.BooleanSupplier;

/// Closes a new connection for which the process has no file descriptor to spare (G7).
final class ConnectionDoor implements SelectorManager.AcceptListener {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionDoor.class);
    private final BooleanSupplier room;

    ConnectionDoor(BooleanSupplier room) {
        this.room = room;
    }

    @Override
    public void onAccepting(SelectableChannel channel) {
        if (room.getAsBoolean()) {
            return;
        }
        LOG.debug("Closing a new connection to the S3 port: no file descriptors are to spare");
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot close a new connection", e);
        }
    }
}
