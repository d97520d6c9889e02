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

    /// The port itself, or a free one for 0. Whoever binds it next gets it: for parts that must be
    /// told where another one will listen before that one has started.
    static int chosen(String host, int port) {
        if (port != 0) {
            return port;
        }
        try (var probe = new ServerSocket(0, 1, InetAddress.getByName(host))) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new StartupException(
                    "Cannot start: no free port on %s (%s).".formatted(host, e.getMessage()), e);
        }
    }
}
