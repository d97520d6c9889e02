package io.firn.launcher.process;

import io.firn.launcher.settings.Setting;
import io.firn.launcher.settings.Settings;
import io.firn.launcher.settings.StartupException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;

/// Looks at the ports before anything starts, so that a taken one is one clear line.
public final class Ports {
    private Ports() {}

    /// @param setting a port; 0 and one that is not set are always free
    /// @param option how to choose another
    /// @throws StartupException when something listens there already, or the host is not ours
    static void requireFree(Settings settings, Setting setting, String option) {
        requireFree(settings, Setting.HOST, setting, option);
    }

    static void requireFree(Settings settings, Setting address, Setting setting, String option) {
        String host = settings.text(address);
        if (settings.text(setting).isEmpty() || settings.port(setting) == 0) {
            return;
        }
        int port = settings.port(setting);
        InetAddress bind;
        try {
            bind = InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new StartupException(
                    "Cannot start: %s is '%s', and nobody knows a host of this name."
                            .formatted(address.key(), host),
                    e);
        }
        try {
            bind(bind, port);
        } catch (IOException e) {
            throw new StartupException(
                    "Cannot start: %s:%d (%s) is taken or not of this machine (%s). Stop what listens there or choose another with %s."
                            .formatted(host, port, setting.key(), e.getMessage(), option),
                    e);
        }
    }

    /// Whether nothing listens there now.
    public static boolean isFree(String host, int port) {
        try {
            bind(InetAddress.getByName(host), port);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// Listens there for a moment.
    private static void bind(InetAddress host, int port) throws IOException {
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(host, port));
        }
    }

    /// The port itself, or a free one for 0. Whoever binds it next gets it: for parts that must be
    /// told where another one will listen before that one has started.
    public static int chosen(String host, int port) {
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
