package io.firn.launcher.settings;

import java.net.InetAddress;

/// Who is told which address (D10). A host that listens on every address (`0.0.0.0`, `::`) is none
/// that anybody could connect to: it is never handed to clients, brokers or engines.
public final class Addresses {
    private Addresses() {}

    /// Whether binding it listens on every address of the machine.
    static boolean isEverywhere(String host) {
        try {
            return host.isBlank() || InetAddress.ofLiteral(unbracketed(host)).isAnyLocalAddress();
        } catch (IllegalArgumentException e) {
            return false; // a name
        }
    }

    /// What others connect to: `advertised-host`, else the host.
    ///
    /// @throws StartupException when neither says it
    public static String advertised(Settings settings) {
        String advertised = settings.text(Setting.ADVERTISED_HOST);
        if (!advertised.isEmpty()) {
            return requireReachable(Setting.ADVERTISED_HOST, advertised);
        }
        String host = settings.text(Setting.HOST);
        if (isEverywhere(host)) {
            throw new StartupException(
                    "Cannot start: host is '%s', which listens on every address of this machine and is none to connect to. Say with --advertised-host (advertised-host in firn.yaml) what others connect to."
                            .formatted(host));
        }
        return host;
    }

    /// Where the parts of one process reach each other, and what a person on this machine may type.
    public static String here(Settings settings) {
        String host = settings.text(Setting.HOST);
        if (!isEverywhere(host)) {
            return host;
        }
        return host.indexOf(':') >= 0 ? "::1" : "127.0.0.1";
    }

    /// What a process elsewhere types to reach a listener on the host.
    public static String there(Settings settings) {
        String host = settings.text(Setting.HOST);
        return isEverywhere(host) ? advertised(settings) : host;
    }

    /// @throws StartupException when `host`, which others are told, is one that listens everywhere
    public static String requireReachable(Setting setting, String host) {
        if (isEverywhere(host)) {
            throw new StartupException(
                    "Cannot start: %s has the host '%s', which nobody can connect to. Name one that others reach."
                            .formatted(setting.key(), host));
        }
        return host;
    }

    /// `host:port`, as URLs and Kafka's clients write it.
    public static String of(String host, int port) {
        String plain = unbracketed(host);
        return (plain.indexOf(':') >= 0 ? "[%s]:%d" : "%s:%d").formatted(plain, port);
    }

    public static String http(String host, int port) {
        return "http://" + of(host, port);
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") && host.endsWith("]")
                ? host.substring(1, host.length() - 1)
                : host;
    }
}
