package io.firn.launcher.settings;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/// Reads `controller.voters`: `1@10.0.0.1:9093,2@10.0.0.2:9093`.
public final class Voters {
    private Voters() {}

    public static Map<Integer, InetSocketAddress> parse(String text) {
        var voters = new LinkedHashMap<Integer, InetSocketAddress>();
        for (String part : text.split(",")) {
            String trimmed = part.strip();
            int at = trimmed.indexOf('@');
            int colon = trimmed.lastIndexOf(':');
            try {
                if (at < 1 || colon < at + 2) {
                    throw new NumberFormatException(trimmed);
                }
                String host = trimmed.substring(at + 1, colon);
                voters.put(
                        Integer.parseInt(trimmed.substring(0, at)),
                        new InetSocketAddress(
                                Addresses.requireReachable(Setting.CONTROLLER_VOTERS, host),
                                Integer.parseInt(trimmed.substring(colon + 1))));
            } catch (IllegalArgumentException e) {
                throw new StartupException(
                        "Cannot start: controller.voters has '%s' and each part must be id@host:port."
                                .formatted(trimmed),
                        e);
            }
        }
        return voters;
    }
}
