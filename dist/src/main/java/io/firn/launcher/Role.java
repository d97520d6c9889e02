package io.firn.launcher;

import static io.firn.launcher.Setting.ADVERTISED_HOST;
import static io.firn.launcher.Setting.ADVERTISED_PORT;
import static io.firn.launcher.Setting.AUTO_CREATE;
import static io.firn.launcher.Setting.BROKER_PORT;
import static io.firn.launcher.Setting.CATALOG_PORT;
import static io.firn.launcher.Setting.CATALOG_URL;
import static io.firn.launcher.Setting.CLUSTER_ID;
import static io.firn.launcher.Setting.CLUSTER_KEY_FILE;
import static io.firn.launcher.Setting.CONTROLLER_HOST;
import static io.firn.launcher.Setting.CONTROLLER_PORT;
import static io.firn.launcher.Setting.CONTROLLER_VOTERS;
import static io.firn.launcher.Setting.DATA;
import static io.firn.launcher.Setting.DIRECT_PORT;
import static io.firn.launcher.Setting.DIRECT_TENANT;
import static io.firn.launcher.Setting.DURABILITY;
import static io.firn.launcher.Setting.HOST;
import static io.firn.launcher.Setting.JDBC_PASSWORD;
import static io.firn.launcher.Setting.JDBC_URL;
import static io.firn.launcher.Setting.JDBC_USER;
import static io.firn.launcher.Setting.JOURNAL_BYTES;
import static io.firn.launcher.Setting.KAFKA_PORT;
import static io.firn.launcher.Setting.MAX_CONNECTIONS;
import static io.firn.launcher.Setting.MAX_CONNECTIONS_PER_IP;
import static io.firn.launcher.Setting.MAX_IDLE;
import static io.firn.launcher.Setting.METRICS_PORT;
import static io.firn.launcher.Setting.NODE_ID;
import static io.firn.launcher.Setting.NUM_PARTITIONS;
import static io.firn.launcher.Setting.OFFSETS_PARTITIONS;
import static io.firn.launcher.Setting.POSTGRES_PORT;
import static io.firn.launcher.Setting.REBALANCE_DELAY;
import static io.firn.launcher.Setting.REQUEST_TIMEOUT;
import static io.firn.launcher.Setting.S3_ACCESS_KEY;
import static io.firn.launcher.Setting.S3_BUCKET;
import static io.firn.launcher.Setting.S3_ENDPOINT;
import static io.firn.launcher.Setting.S3_PORT;
import static io.firn.launcher.Setting.S3_READ_ACCESS_KEY;
import static io.firn.launcher.Setting.S3_READ_SECRET_KEY;
import static io.firn.launcher.Setting.S3_REGION;
import static io.firn.launcher.Setting.S3_SECRET_KEY;
import static io.firn.launcher.Setting.SEGMENT_WRITE;
import static io.firn.launcher.Setting.STRAY_RETENTION;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a process can be, and which settings it reads (D7): one that it would not read is refused,
/// so that nobody believes in it. `docs/compatibility.md` has the same as a table; a test holds
/// them together.
enum Role {
    STANDALONE(
            DATA,
            HOST,
            ADVERTISED_HOST,
            ADVERTISED_PORT,
            KAFKA_PORT,
            CATALOG_PORT,
            MAX_IDLE,
            MAX_CONNECTIONS,
            MAX_CONNECTIONS_PER_IP,
            REQUEST_TIMEOUT,
            METRICS_PORT,
            S3_PORT,
            NODE_ID,
            CONTROLLER_PORT,
            BROKER_PORT,
            DIRECT_PORT,
            DIRECT_TENANT,
            DURABILITY,
            JOURNAL_BYTES,
            SEGMENT_WRITE,
            AUTO_CREATE,
            NUM_PARTITIONS,
            OFFSETS_PARTITIONS,
            REBALANCE_DELAY,
            STRAY_RETENTION,
            JDBC_URL,
            POSTGRES_PORT,
            JDBC_USER,
            JDBC_PASSWORD,
            S3_ENDPOINT,
            S3_REGION,
            S3_BUCKET,
            S3_ACCESS_KEY,
            S3_SECRET_KEY,
            S3_READ_ACCESS_KEY,
            S3_READ_SECRET_KEY),
    CONTROLLER(
            DATA,
            HOST,
            ADVERTISED_HOST,
            METRICS_PORT,
            NODE_ID,
            CLUSTER_ID,
            CLUSTER_KEY_FILE,
            CONTROLLER_HOST,
            CONTROLLER_PORT,
            CONTROLLER_VOTERS),
    BROKER(
            DATA,
            HOST,
            ADVERTISED_HOST,
            MAX_IDLE,
            MAX_CONNECTIONS,
            MAX_CONNECTIONS_PER_IP,
            REQUEST_TIMEOUT,
            METRICS_PORT,
            NODE_ID,
            CLUSTER_ID,
            CLUSTER_KEY_FILE,
            CONTROLLER_VOTERS,
            BROKER_PORT,
            DIRECT_PORT,
            DIRECT_TENANT,
            DURABILITY,
            JOURNAL_BYTES,
            SEGMENT_WRITE,
            AUTO_CREATE,
            NUM_PARTITIONS,
            OFFSETS_PARTITIONS,
            REBALANCE_DELAY,
            STRAY_RETENTION,
            CATALOG_URL,
            S3_ENDPOINT,
            S3_REGION,
            S3_BUCKET,
            S3_ACCESS_KEY,
            S3_SECRET_KEY),
    GATEWAY(
            DATA,
            HOST,
            ADVERTISED_HOST,
            ADVERTISED_PORT,
            KAFKA_PORT,
            MAX_IDLE,
            MAX_CONNECTIONS,
            MAX_CONNECTIONS_PER_IP,
            REQUEST_TIMEOUT,
            METRICS_PORT,
            CLUSTER_ID,
            CLUSTER_KEY_FILE,
            CONTROLLER_VOTERS,
            AUTO_CREATE,
            NUM_PARTITIONS),
    CATALOG(
            HOST,
            ADVERTISED_HOST,
            CATALOG_PORT,
            CLUSTER_KEY_FILE,
            JDBC_URL,
            JDBC_USER,
            JDBC_PASSWORD,
            S3_ENDPOINT,
            S3_REGION,
            S3_BUCKET,
            S3_ACCESS_KEY,
            S3_SECRET_KEY,
            S3_READ_ACCESS_KEY,
            S3_READ_SECRET_KEY),
    BACKENDS(DATA, HOST, ADVERTISED_HOST, S3_PORT, POSTGRES_PORT, S3_BUCKET);

    private final Set<Setting> read;

    Role(Setting... read) {
        this.read = EnumSet.copyOf(List.of(read));
    }

    Set<Setting> settings() {
        return Set.copyOf(read);
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    static List<String> readersOf(Setting setting) {
        return Arrays.stream(values())
                .filter(role -> role.read.contains(setting))
                .map(Role::label)
                .toList();
    }
}
