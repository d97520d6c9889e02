package io.firn.launcher.cluster;

import io.firn.launcher.folder.Synced;
import io.firn.launcher.process.Ports;
import io.firn.launcher.settings.Role;
import io.firn.launcher.settings.StartupException;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;

/// Which ports a cluster on this machine listens on: those that people type as they asked for them,
/// and inside the cluster free ones, chosen once and kept in a file, since the voters of a quorum
/// find each other by address.
final class KeptPorts implements Plan.Ports {
    /// Below those that systems give to outgoing connections: what is chosen now has to be free at
    /// every later start.
    private static final int FIRST_PORT = 20_000;

    private static final int LAST_PORT = 29_999;
    private static final int MOST_ATTEMPTS = 1_000;

    private final Path file;
    private final String host;
    private final Asked asked;
    private final Properties kept = new Properties();

    /// @param kafka of the first gateway, the others follow; 0 for free ones
    /// @param catalog 0 for a free one
    /// @param s3 0 for a free one
    record Asked(int kafka, int catalog, int s3) {}

    KeptPorts(Path file, String host, Asked asked) {
        this.file = file;
        this.host = host;
        this.asked = asked;
        try {
            if (Files.exists(file)) {
                try (Reader in = Files.newBufferedReader(file)) {
                    kept.load(in);
                }
            }
        } catch (IOException e) {
            throw new StartupException(
                    "Cannot read the ports of the cluster in %s: %s.".formatted(file, e), e);
        }
    }

    @Override
    public int of(Role role, int number) {
        return switch (role) {
            case GATEWAY ->
                    asked.kafka() == 0 ? kept("gateway", number) : asked.kafka() + number - 1;
            case CATALOG -> asked.catalog() == 0 ? kept("catalog", number) : asked.catalog();
            case BACKENDS -> s3();
            case CONTROLLER, BROKER -> kept(role.label(), number);
            case STANDALONE -> throw new IllegalArgumentException("A cluster has no standalone");
        };
    }

    @Override
    public int metrics(Role role, int number) {
        return kept(role.label() + ".metrics", number);
    }

    @Override
    public int postgres() {
        return kept("postgres", 1);
    }

    @Override
    public int s3() {
        return asked.s3() == 0 ? kept("s3", 1) : asked.s3();
    }

    private int kept(String what, int number) {
        String key = what + "." + number;
        String known = kept.getProperty(key);
        if (known != null) {
            return Integer.parseInt(known);
        }
        int port = free();
        kept.setProperty(key, String.valueOf(port));
        return port;
    }

    private int free() {
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT + 1);
            if (!kept.containsValue(String.valueOf(port)) && Ports.isFree(host, port)) {
                return port;
            }
        }
        throw new StartupException(
                "Cannot make a cluster: found no free port on %s between %d and %d."
                        .formatted(host, FIRST_PORT, LAST_PORT));
    }

    /// Writes down what was chosen, for the next start.
    void save() {
        try {
            var text = new StringWriter();
            kept.store(text, "firn cluster: who listens where");
            Synced.replace(file, text.toString());
        } catch (IOException e) {
            throw new StartupException(
                    "Cannot write the ports of the cluster to %s: %s.".formatted(file, e), e);
        }
    }
}
