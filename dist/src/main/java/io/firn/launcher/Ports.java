package io.firn.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/// Looks at the ports before anything starts, so that a taken one is one clear line.
final class Ports {
    private Ports() {}

    /// @param port 0 is always free
    /// @throws StartupException when something listens there already, or the host is not ours
    static void requireFree(String what, String host, int port, String option) {
        if (port == 0) {
            return;
        }
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
        } catch (IOException e) {
            throw new StartupException(
                    "Cannot start: the %s address %s:%d is taken or not of this machine (%s). Stop what listens there or choose another with %s."
                            .formatted(what, host, port, e.getMessage(), option),
                    e);
        }
    }
}
