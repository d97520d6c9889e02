package io.firn.catalog.store.embedded;

import io.firn.catalog.store.sql.StoreConfig;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/// A PostgreSQL of our own under one folder: `data/`, `bin/` (unpacked binaries) and `postgres.log`
/// (what this start's server said). Durable (fsync), on loopback only, by scram password. When it
/// ends without being asked to, it is started again on the same port. It has no shutdown hook:
/// close it last.
public final class EmbeddedPostgresServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgresServer.class);
    private static final String USER = "postgres";

    /// Also waited out when the server has ended, which zonky does not look for.
    private static final Duration LONGEST_START = Duration.ofSeconds(60);

    private static final String ADVICE =
            "Mend that and start again, or name a Postgres with postgres.url.";

    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    private static final Duration BETWEEN_TRIES = Duration.ofSeconds(10);

    private final Path folder;
    private final ServerLog said;
    private final String password;
    private final int port;
    private final Thread syncing;
    private final Thread watching;
    private EmbeddedPostgres postgres; // of `watching`, until that has ended

    private EmbeddedPostgresServer(
            Path folder, ServerLog said, String password, EmbeddedPostgres postgres) {
        this.folder = folder;
        this.said = said;
        this.password = password;
        this.port = postgres.getPort();
        this.postgres = postgres;
        this.syncing = daemon("firn-postgres-sync", () -> syncBinaries(folder.resolve("bin")));
        this.watching = daemon("firn-postgres-watch", this::watch);
    }

    private static Thread daemon(String name, Runnable work) {
        return Thread.ofPlatform().daemon().name(name).start(work);
    }

    /// Until an interrupt.
    private void watch() {
        Path data = folder.resolve("data");
        if (!OrphanPostmaster.runsIn(data)) {
            LOG.info("The system does not show PostgreSQL in {}: nobody notices its end", folder);
            return;
        }
        try {
            while (true) {
                Thread.sleep(BETWEEN_LOOKS);
                if (!OrphanPostmaster.runsIn(data) && !startAgain(data)) {
                    Thread.sleep(BETWEEN_TRIES);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("PostgreSQL in {} is not watched any more", folder);
        }
    }

    private boolean startAgain(Path data) {
        LOG.warn("PostgreSQL in {} has ended and is started again. {}", folder, said.last());
        try {
            postgres.close(); // there is nothing to stop, but a lock to give up
            OrphanPostmaster.stop(data);
            postgres = builder(folder, said, port, password, LONGEST_START).start();
            return true;
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}", failed(folder, e, said, "It is tried again."));
            return false;
        }
    }

    /// Beside the first start, which need not wait: until it is done the next start unpacks again.
    private static void syncBinaries(Path binaries) {
        try {
            UnpackedBinaries.sync(binaries);
        } catch (ClosedByInterruptException e) {
            LOG.debug("The programs in {} will be unpacked again", binaries);
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("Cannot sync {}; the next start unpacks it again: {}", binaries, e.toString());
        }
    }

    /// Starts the server, after stopping one that a killed process left behind.
    ///
    /// @param folder holds the database and its binaries
    /// @param passwordFile is made with a random password (mode 0600) when absent
    /// @param port 0 takes a free one
    public static EmbeddedPostgresServer start(Path folder, Path passwordFile, int port) {
        return start(folder, passwordFile, port, LONGEST_START);
    }

    /// @param longest that a server may take until it answers
    static EmbeddedPostgresServer start(
            Path folder, Path passwordFile, int port, Duration longest) {
        Path data = folder.resolve("data");
        ServerLog said = new ServerLog(folder.resolve("postgres.log"));
        try {
            Files.createDirectories(folder);
            said.begin();
            if (Files.exists(folder.resolve("secured")) && !Files.exists(passwordFile)) {
                throw new IOException(
                        "its password file %s is missing; put it back".formatted(passwordFile));
            }
            String password = password(passwordFile);
            OrphanPostmaster.stop(data);
            UnpackedBinaries.deleteUnfinished(folder.resolve("bin"));
            boolean secured = Files.exists(folder.resolve("secured"));
            if (!secured) {
                // First start, or one that was cut off within it. initdb trusts local users; the
                // password goes in before that ends.
                moveAway(data);
                try (EmbeddedPostgres first = builder(folder, said, 0, "trust", longest).start()) {
                    secure(first, data, password);
                }
                // Without the mark the next start begins anew, so nothing may be in the database
                // before the mark, and what it stands for, would outlive a power cut.
                sync(data.resolve("pg_hba.conf"));
                sync(data);
                sync(passwordFile);
                sync(passwordFile.toAbsolutePath().getParent());
                Files.writeString(folder.resolve("secured"), "");
                sync(folder.resolve("secured"));
                sync(folder);
            }
            return new EmbeddedPostgresServer(
                    folder, said, password, builder(folder, said, port, password, longest).start());
        } catch (IOException e) {
            throw new UncheckedIOException(failed(folder, e, said, ADVICE), e);
        } catch (RuntimeException e) { // a command of PostgreSQL failed
            throw new IllegalStateException(failed(folder, e, said, advice()), e);
        }
    }

    private static String failed(Path folder, Exception e, ServerLog said, String advice) {
        return "Cannot start the embedded PostgreSQL in %s: %s. %s %s"
                .formatted(folder, e.getMessage(), said.last(), advice);
    }

    /// As root, PostgreSQL is started in a user namespace, which some machines do not give.
    private static String advice() {
        return "root".equals(System.getProperty("user.name"))
                ? "PostgreSQL does not run as root unless `unshare -U` works on this machine: run Firn as another user, or name a Postgres with postgres.url."
                : ADVICE;
    }

    private static EmbeddedPostgres.Builder builder(
            Path folder, ServerLog said, int port, String password, Duration longest) {
        return EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("data"))
                .setOutputRedirector(said.redirect())
                .setCleanDataDirectory(false)
                .setOverrideWorkingDirectory(folder.resolve("bin").toFile())
                .setRegisterShutdownHook(false)
                .setPort(port)
                // zonky starts with -F and synchronous_commit=off; what comes later wins.
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("unix_socket_directories", "")
                .setServerConfig("max_connections", "50")
                // A statement's error reaches its client; the file holds starts, stops and crashes.
                .setServerConfig("log_min_messages", "log")
                .setServerConfig("log_checkpoints", "off")
                .setConnectConfig("password", password)
                .setPGStartupWait(longest);
    }

    private static void secure(EmbeddedPostgres postgres, Path data, String password)
            throws IOException {
        try (Connection connection =
                        DriverManager.getConnection(postgres.getJdbcUrl(USER, "postgres"));
                Statement statement = connection.createStatement()) {
            statement.execute("alter role postgres password '" + password + "'");
        } catch (SQLException e) {
            throw new IOException("cannot set the password", e);
        }
        Files.write(
                data.resolve("pg_hba.conf"),
                List.of("host all all 127.0.0.1/32 scram-sha-256"),
                StandardOpenOption.TRUNCATE_EXISTING);
    }

    private static String password(Path file) throws IOException {
        if (Files.exists(file)) {
            return Files.readString(file).strip();
        }
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        String password = HexFormat.of().formatHex(random);
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, password, StandardCharsets.US_ASCII);
        return password;
    }

    private static void sync(@Nullable Path path) throws IOException {
        if (path != null) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /// A data folder without our mark is not ours to delete.
    private static void moveAway(Path data) throws IOException {
        if (Files.exists(data)) {
            Path unfinished = data.resolveSibling("data.unfinished-" + System.currentTimeMillis());
            Files.move(data, unfinished);
            LOG.warn("A first start was cut off; what it left in {} is now {}", data, unfinished);
        }
    }

    public int port() {
        return port;
    }

    /// How to reach it.
    public StoreConfig config() {
        return StoreConfig.of(
                "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(port()), USER, password);
    }

    @Override
    public void close() {
        syncing.interrupt();
        watching.interrupt();
        try {
            syncing.join();
            watching.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot stop the embedded PostgreSQL", e);
        }
    }
}
