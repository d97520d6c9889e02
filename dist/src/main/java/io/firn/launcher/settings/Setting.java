package io.firn.launcher.settings;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Every setting of `firn.yaml` (DESIGN §13: these names are forever). An empty fallback of a
/// required setting means that it has to be given.
public enum Setting {
    DATA("data", "./firn-data", "the data folder"),
    HOST("host", "127.0.0.1", "the address that listeners bind"),
    ADVERTISED_HOST(
            "advertised-host",
            "",
            "what clients, gateways and engines are told to connect to; the host when empty"),
    ADVERTISED_PORT(
            "advertised-port", "0", "the port that Kafka clients are told; 0 is the bound one"),
    KAFKA_PORT("kafka-port", "9092", "the port of the Kafka address; 0 picks a free one"),
    CATALOG_PORT("catalog-port", "8080", "the port of the catalog; 0 picks a free one"),
    METRICS_PORT(
            "metrics-port",
            "0",
            "the port of /prometheus and /health of broker, gateway and controller; 0 picks a free one"),
    S3_PORT("s3-port", "9000", "the port of the embedded S3 endpoint; 0 picks a free one"),
    NODE_ID("node-id", "1", "this node's id in the cluster"),
    CLUSTER_ID("cluster-id", "", "the cluster's id, the same on every node"),
    CLUSTER_KEY_FILE("cluster-key-file", "", "a file with 64 hex digits, the same on every node"),
    CONTROLLER_HOST(
            "controller.host", "127.0.0.1", "where controllers and brokers of this cluster listen"),
    CONTROLLER_PORT("controller.port", "0", "the port of the controller's listener"),
    CONTROLLER_VOTERS(
            "controller.voters", "", "the Raft voters, as id@host:port, separated by commas"),
    BROKER_PORT("broker.port", "0", "the port of the broker's cluster listener"),
    DIRECT_PORT(
            "direct.port",
            "",
            "a port of the broker for clients of one tenant, past the gateway; off when empty, 0 is a free one"),
    DIRECT_TENANT("direct.tenant", "public", "the tenant of all clients of the direct port"),
    DURABILITY("firn.durability", "strict", "strict (acknowledged means synced) or replicated"),
    JOURNAL_BYTES("journal.bytes", "268435456", "the size of the journal ring"),
    SEGMENT_WRITE(
            "log.segment.write",
            "direct",
            "direct (gathered in memory, written with O_DIRECT) or buffered (through the page cache)"),
    STRAY_RETENTION(
            "log.stray.retention.ms",
            "604800000",
            "how long logs are kept that the cluster knows nothing of"),
    AUTO_CREATE("auto.create.topics.enable", "true", "create a topic on first use"),
    NUM_PARTITIONS("num.partitions", "1", "partitions of a topic that is made on first use"),
    MAX_IDLE(
            "connections.max.idle.ms",
            "600000",
            "after how long a client's connection without traffic is closed"),
    MAX_CONNECTIONS(
            "max.connections", "2147483647", "how many connections of clients there may be"),
    MAX_CONNECTIONS_PER_IP(
            "max.connections.per.ip",
            "2147483647",
            "how many connections of clients there may be from one address"),
    REQUEST_TIMEOUT(
            "request.timeout.ms",
            "30000",
            "how long a gateway waits for a broker, beyond what a request lets it wait"),
    OFFSETS_PARTITIONS(
            "offsets.topic.num.partitions", "8", "partitions of the group offsets topic"),
    REBALANCE_DELAY(
            "group.initial.rebalance.delay.ms",
            "100",
            "how long the first join of a classic group waits for others"),
    CATALOG_URL("catalog.url", "", "where brokers reach the catalog, such as http://10.0.0.4:8080"),
    JDBC_URL("postgres.url", "", "the JDBC URL of Postgres; embedded when empty (standalone only)"),
    POSTGRES_PORT("postgres.port", "0", "the port of the embedded Postgres; 0 picks a free one"),
    JDBC_USER("postgres.user", "postgres", "the Postgres user"),
    JDBC_PASSWORD("postgres.password", "", "the Postgres password"),
    S3_ENDPOINT("s3.endpoint", "", "the S3 endpoint; embedded when empty (standalone only)"),
    S3_REGION("s3.region", "us-east-1", "the S3 region"),
    S3_BUCKET("s3.bucket", "firn", "the bucket of the cold tier"),
    S3_ACCESS_KEY("s3.access-key", "", "the key that writes"),
    S3_SECRET_KEY("s3.secret-key", "", "its secret"),
    S3_READ_ACCESS_KEY("s3.read-access-key", "", "the read-only key that engines get"),
    S3_READ_SECRET_KEY("s3.read-secret-key", "", "its secret");

    private final String key;
    private final String fallback;
    private final String meaning;

    Setting(String key, String fallback, String meaning) {
        this.key = key;
        this.fallback = fallback;
        this.meaning = meaning;
    }

    public String key() {
        return key;
    }

    String fallback() {
        return fallback;
    }

    String meaning() {
        return meaning;
    }

    /// What values it may have.
    enum Kind {
        TEXT,
        FLAG,
        PORT,
        /// 0 and up.
        NUMBER,
        /// 1 and up.
        COUNT,
        /// Bytes of a journal ring.
        RING,
        /// One of [#choices()].
        CHOICE
    }

    Kind kind() {
        return switch (this) {
            case ADVERTISED_PORT,
                    KAFKA_PORT,
                    CATALOG_PORT,
                    METRICS_PORT,
                    S3_PORT,
                    CONTROLLER_PORT,
                    BROKER_PORT,
                    DIRECT_PORT,
                    POSTGRES_PORT ->
                    Kind.PORT;
            case NODE_ID, REBALANCE_DELAY, STRAY_RETENTION -> Kind.NUMBER;
            case NUM_PARTITIONS,
                    OFFSETS_PARTITIONS,
                    MAX_IDLE,
                    MAX_CONNECTIONS,
                    MAX_CONNECTIONS_PER_IP,
                    REQUEST_TIMEOUT ->
                    Kind.COUNT;
            case JOURNAL_BYTES -> Kind.RING;
            case AUTO_CREATE -> Kind.FLAG;
            case DURABILITY, SEGMENT_WRITE -> Kind.CHOICE;
            default -> Kind.TEXT;
        };
    }

    /// The values of a [Kind#CHOICE].
    List<String> choices() {
        return switch (this) {
            case DURABILITY -> List.of("strict", "replicated");
            case SEGMENT_WRITE -> List.of("direct", "buffered");
            default -> List.of();
        };
    }

    /// Whether reading it without a value is an error.
    public boolean required() {
        return fallback.isEmpty() && this != ADVERTISED_HOST && this != DIRECT_PORT;
    }

    public static Optional<Setting> of(String name) {
        return Arrays.stream(values()).filter(s -> s.key.equals(name)).findFirst();
    }

    public static List<String> names() {
        return Arrays.stream(values()).map(Setting::key).toList();
    }
}
