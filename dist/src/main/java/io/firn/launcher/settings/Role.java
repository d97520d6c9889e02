package io.firn.launcher.settings;

import static io.firn.launcher.settings.Setting.ADVERTISED_HOST;
import static io.firn.launcher.settings.Setting.ADVERTISED_PORT;
import static io.firn.launcher.settings.Setting.AUTO_CREATE;
import static io.firn.launcher.settings.Setting.BROKER_PORT;
import static io.firn.launcher.settings.Setting.CATALOG_PORT;
import static io.firn.launcher.settings.Setting.CATALOG_URL;
import static io.firn.launcher.settings.Setting.CLUSTER_ID;
import static io.firn.launcher.settings.Setting.CLUSTER_KEY_FILE;
import static io.firn.launcher.settings.Setting.CONTROLLER_HOST;
import static io.firn.launcher.settings.Setting.CONTROLLER_PORT;
import static io.firn.launcher.settings.Setting.CONTROLLER_VOTERS;
import static io.firn.launcher.settings.Setting.DATA;
import static io.firn.launcher.settings.Setting.DIRECT_PORT;
import static io.firn.launcher.settings.Setting.DIRECT_TENANT;
import static io.firn.launcher.settings.Setting.DURABILITY;
import static io.firn.launcher.settings.Setting.HOST;
import static io.firn.launcher.settings.Setting.JDBC_PASSWORD;
import static io.firn.launcher.settings.Setting.JDBC_URL;
import static io.firn.launcher.settings.Setting.JDBC_USER;
import static io.firn.launcher.settings.Setting.JOURNAL_BYTES;
import static io.firn.launcher.settings.Setting.KAFKA_PORT;
import static io.firn.launcher.settings.Setting.MAX_CONNECTIONS;
import static io.firn.launcher.settings.Setting.MAX_CONNECTIONS_PER_IP;
import static io.firn.launcher.settings.Setting.MAX_IDLE;
import static io.firn.launcher.settings.Setting.METRICS_PORT;
import static io.firn.launcher.settings.Setting.NODE_ID;
import static io.firn.launcher.settings.Setting.NUM_PARTITIONS;
import static io.firn.launcher.settings.Setting.OFFSETS_PARTITIONS;
import static io.firn.launcher.settings.Setting.POSTGRES_PORT;
import static io.firn.launcher.settings.Setting.REBALANCE_DELAY;
import static io.firn.launcher.settings.Setting.REQUEST_TIMEOUT;
import static io.firn.launcher.settings.Setting.S3_ACCESS_KEY;
import static io.firn.launcher.settings.Setting.S3_BUCKET;
import static io.firn.launcher.settings.Setting.S3_ENDPOINT;
import static io.firn.launcher.settings.Setting.S3_PORT;
import static io.firn.launcher.settings.Setting.S3_READ_ACCESS_KEY;
import static io.firn.launcher.settings.Setting.S3_READ_SECRET_KEY;
import static io.firn.launcher.settings.Setting.S3_REGION;
import static io.firn.launcher.settings.Setting.S3_SECRET_KEY;
import static io.firn.launcher.settings.Setting.SEGMENT_WRITE;
import static io.firn.launcher.settings.Setting.STRAY_RETENTION;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a process can be, and which settings it reads (D7): one that it would not read is refused,
/// so that nobody believes in it. `docs/compatibility.md` has the same as a table; a test holds
/// them together.
public enum Role {
    STANDALONE(
            EnumSet.of(DATA, METRICS_PORT, NODE_ID, CONTROLLER_PORT),
            Group.HERE,
            Group.KAFKA,
            Group.CLIENTS,
            Group.LOG,
            Group.TOPICS,
            Group.STORE,
            Group.TABLES,
            Group.EMBEDDED),
    CONTROLLER(
            EnumSet.of(DATA, METRICS_PORT, NODE_ID, CONTROLLER_HOST, CONTROLLER_PORT),
            Group.HERE,
            Group.MEMBER),
    BROKER(
            EnumSet.of(DATA, METRICS_PORT, NODE_ID, CATALOG_URL),
            Group.HERE,
            Group.KAFKA,
            Group.MEMBER,
            Group.LOG,
            Group.TOPICS,
            Group.STORE),
    GATEWAY(
            EnumSet.of(DATA, METRICS_PORT),
            Group.HERE,
            Group.KAFKA,
            Group.CLIENTS,
            Group.MEMBER,
            Group.TOPICS),
    CATALOG(EnumSet.of(CLUSTER_KEY_FILE), Group.HERE, Group.STORE, Group.TABLES),
    BACKENDS(EnumSet.of(DATA, S3_BUCKET), Group.HERE, Group.EMBEDDED);

    /// Settings that several roles read.
    private static final class Group {
        /// Where it listens, and how others reach it.
        static final Set<Setting> HERE = EnumSet.of(HOST, ADVERTISED_HOST);

        /// What a port that speaks Kafka allows a connection.
        static final Set<Setting> KAFKA =
                EnumSet.of(MAX_IDLE, MAX_CONNECTIONS, MAX_CONNECTIONS_PER_IP, REQUEST_TIMEOUT);

        /// The one address that clients know.
        static final Set<Setting> CLIENTS = EnumSet.of(ADVERTISED_PORT, KAFKA_PORT);

        /// What makes a process part of a cluster.
        static final Set<Setting> MEMBER =
                EnumSet.of(CLUSTER_ID, CLUSTER_KEY_FILE, CONTROLLER_VOTERS);

        /// A broker's ports, its log and its groups.
        static final Set<Setting> LOG =
                EnumSet.of(
                        BROKER_PORT,
                        DIRECT_PORT,
                        DIRECT_TENANT,
                        DURABILITY,
                        JOURNAL_BYTES,
                        SEGMENT_WRITE,
                        OFFSETS_PARTITIONS,
                        REBALANCE_DELAY,
                        STRAY_RETENTION);

        /// Topics that say little of themselves.
        static final Set<Setting> TOPICS = EnumSet.of(AUTO_CREATE, NUM_PARTITIONS);

        /// The object store.
        static final Set<Setting> STORE =
                EnumSet.of(S3_ENDPOINT, S3_REGION, S3_BUCKET, S3_ACCESS_KEY, S3_SECRET_KEY);

        /// What keeps and serves the tables.
        static final Set<Setting> TABLES =
                EnumSet.of(
                        CATALOG_PORT,
                        JDBC_URL,
                        JDBC_USER,
                        JDBC_PASSWORD,
                        S3_READ_ACCESS_KEY,
                        S3_READ_SECRET_KEY);

        /// Backends that Firn starts itself.
        static final Set<Setting> EMBEDDED = EnumSet.of(S3_PORT, POSTGRES_PORT);
    }

    private final Set<Setting> read;

    @SafeVarargs
    Role(Set<Setting>... read) {
        this.read = EnumSet.noneOf(Setting.class);
        for (Set<Setting> some : read) {
            this.read.addAll(some);
        }
    }

    public Set<Setting> settings() {
        return Set.copyOf(read);
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static List<String> readersOf(Setting setting) {
        return Arrays.stream(values())
                .filter(role -> role.read.contains(setting))
                .map(Role::label)
                .toList();
    }
}
