package io.firn.launcher;

import io.firn.broker.BrokerConfig;
import io.firn.broker.BrokerNode;
import io.firn.catalog.CatalogConfig;
import io.firn.catalog.CatalogServer;
import io.firn.catalog.client.HttpCatalogClient;
import io.firn.catalog.store.StoreConfig;
import io.firn.catalog.store.embedded.EmbeddedPostgresServer;
import io.firn.controller.ClusterFollower;
import io.firn.controller.ControllerClient;
import io.firn.controller.ControllerConfig;
import io.firn.controller.ControllerNode;
import io.firn.controller.FollowerConfig;
import io.firn.gateway.DirectListener;
import io.firn.gateway.GatewayNode;
import io.firn.objectstore.S3Config;
import io.firn.objectstore.S3ObjectStore;
import io.firn.objectstore.embedded.EmbeddedS3;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

import org.apache.kafka.common.errors.TimeoutException;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// One role in a process of its own: its data folder, its follower of the metadata log, itself, its
/// metrics.
final class RunningRole {
    private static final Duration CAUGHT_UP = Duration.ofSeconds(60);

    private final Closers closers;
    private final PrometheusMeterRegistry meters =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final CompletableFuture<Void> failure = new CompletableFuture<>();
    private final Settings settings;
    private String address = "";

    /// @param closers gets every part, so that a signal can stop a start half-way; closed by the
    ///     caller
    private RunningRole(Settings settings, Closers closers) {
        this.settings = settings;
        this.closers = closers;
    }

    static RunningRole controller(Settings settings, Closers closers) {
        RunningRole role = new RunningRole(settings, closers);
        String host = settings.text(Setting.CONTROLLER_HOST);
        role.requireVoter();
        Ports.requireFree(
                settings, Setting.CONTROLLER_HOST, Setting.CONTROLLER_PORT, "controller.port");
        Ports.requireFree(settings, Setting.METRICS_PORT, "metrics-port");
        DataFolder data = role.data();
        ControllerNode node =
                closers.add(
                        ControllerNode.start(
                                new ControllerConfig(
                                        settings.number(Setting.NODE_ID),
                                        settings.text(Setting.CLUSTER_ID),
                                        data.path("raft/controller"),
                                        host,
                                        settings.port(Setting.CONTROLLER_PORT),
                                        role.voters())));
        role.failsWith(node.failure());
        role.serveMetrics();
        role.address = "%s:%d".formatted(host, node.port());
        return role;
    }

    static RunningRole broker(Settings settings, Closers closers) {
        RunningRole role = new RunningRole(settings, closers);
        Ports.requireFree(settings, Setting.BROKER_PORT, "broker.port");
        Ports.requireFree(settings, Setting.DIRECT_PORT, "direct.port");
        Ports.requireFree(settings, Setting.METRICS_PORT, "metrics-port");
        byte[] key = role.clusterKey();
        DataFolder data = role.data();
        int id = settings.number(Setting.NODE_ID);
        ClusterFollower follower = role.follower(id, data);
        BrokerNode node = closers.add(BrokerNode.start(role.brokerConfig(id, data, follower, key)));
        role.failsWith(node.failed());
        Optional<DirectListener> direct = Roles.direct(settings, key, role.meters, follower, node);
        direct.ifPresent(closers::add);
        role.serveMetrics();
        role.address = "%s:%d".formatted(settings.text(Setting.HOST), node.port());
        if (direct.isPresent()) {
            role.address +=
                    ", direct %s:%d".formatted(Roles.advertisedHost(settings), direct.get().port());
        }
        return role;
    }

    static RunningRole gateway(Settings settings, Closers closers) {
        RunningRole role = new RunningRole(settings, closers);
        Ports.requireFree(settings, Setting.KAFKA_PORT, "kafka-port");
        Ports.requireFree(settings, Setting.METRICS_PORT, "metrics-port");
        byte[] key = role.clusterKey();
        ClusterFollower follower = role.follower(-1, role.data());
        GatewayNode node =
                closers.add(GatewayNode.start(Roles.gateway(settings, key, role.meters), follower));
        role.serveMetrics();
        role.address = "%s:%d".formatted(settings.text(Setting.HOST), node.port());
        return role;
    }

    static RunningRole catalog(Settings settings, Closers closers) {
        RunningRole role = new RunningRole(settings, closers);
        Ports.requireFree(settings, Setting.CATALOG_PORT, "catalog-port");
        StoreConfig database =
                Backing.postgres(settings).orElseThrow(() -> missing(settings, Setting.JDBC_URL));
        Backing.Objects objects =
                Backing.objects(settings).orElseThrow(() -> missing(settings, Setting.S3_ENDPOINT));
        CatalogServer server =
                closers.add(
                        CatalogServer.start(
                                CatalogConfig.of(
                                        settings.text(Setting.HOST),
                                        settings.port(Setting.CATALOG_PORT),
                                        database,
                                        objects.readWrite(),
                                        objects.readAccessKey(),
                                        objects.readSecretKey(),
                                        role.clusterKey())));
        role.address = "http://%s:%d".formatted(settings.text(Setting.HOST), server.port());
        return role;
    }

    /// The Postgres and the S3 that `standalone` embeds, alone: for trying the other roles on one
    /// machine that has neither.
    static RunningRole backends(Settings settings, Closers closers) {
        RunningRole role = new RunningRole(settings, closers);
        Ports.requireFree(settings, Setting.S3_PORT, "s3-port");
        Ports.requireFree(settings, Setting.POSTGRES_PORT, "postgres.port");
        DataFolder data = role.data();
        Keys keys = new Keys(data.path("keys"));
        EmbeddedS3 objects =
                closers.add(
                        EmbeddedS3.start(
                                new EmbeddedS3.Config(
                                        data.path("objects"),
                                        settings.text(Setting.HOST),
                                        settings.port(Setting.S3_PORT),
                                        settings.text(Setting.S3_BUCKET),
                                        new EmbeddedS3.Identity(
                                                keys.s3AccessKey(), keys.s3SecretKey()),
                                        new EmbeddedS3.Identity(
                                                keys.readOnlyS3AccessKey(),
                                                keys.readOnlyS3SecretKey()))));
        EmbeddedPostgresServer postgres =
                closers.add(
                        EmbeddedPostgresServer.start(
                                data.path("postgres"),
                                keys.folder().resolve("postgres.password"),
                                settings.port(Setting.POSTGRES_PORT)));
        role.address =
                "S3 %s, Postgres %s, keys %s"
                        .formatted(objects.endpoint(), postgres.config().jdbcUrl(), keys.folder());
        return role;
    }

    String address() {
        return address;
    }

    /// Completes, with the reason, when a part cannot go on and the process has to restart.
    CompletableFuture<Void> failure() {
        return failure;
    }

    private void failsWith(CompletableFuture<Void> part) {
        var unused =
                part.exceptionally(
                        error -> {
                            failure.completeExceptionally(error);
                            return null;
                        });
    }

    private static StartupException missing(Settings settings, Setting setting) {
        settings.text(setting); // says so itself when there is nothing
        return new StartupException("Cannot start: %s is missing.".formatted(setting.key()));
    }

    private DataFolder data() {
        return closers.add(DataFolder.open(Path.of(settings.text(Setting.DATA))));
    }

    private Map<Integer, InetSocketAddress> voters() {
        return Voters.parse(settings.text(Setting.CONTROLLER_VOTERS));
    }

    private void requireVoter() {
        int id = settings.number(Setting.NODE_ID);
        InetSocketAddress own = voters().get(id);
        if (own == null || own.getPort() != settings.port(Setting.CONTROLLER_PORT)) {
            throw new StartupException(
                    "Cannot start the controller: controller.voters is '%s' and must hold this node, %d@HOST:%d."
                            .formatted(
                                    settings.text(Setting.CONTROLLER_VOTERS),
                                    id,
                                    settings.port(Setting.CONTROLLER_PORT)));
        }
    }

    private ClusterFollower follower(int nodeId, DataFolder data) {
        ClusterFollower follower =
                closers.add(
                        ClusterFollower.start(
                                new FollowerConfig(
                                        nodeId,
                                        settings.text(Setting.CLUSTER_ID),
                                        data.path("raft/follower"),
                                        voters())));
        failsWith(follower.failure());
        try {
            follower.awaitCaughtUp(CAUGHT_UP);
        } catch (TimeoutException e) {
            throw new StartupException(
                    "Cannot start: no controller of %s answered within %d s. Start a controller first, or correct controller.voters, cluster-id."
                            .formatted(
                                    settings.text(Setting.CONTROLLER_VOTERS),
                                    CAUGHT_UP.toSeconds()),
                    e);
        }
        return follower;
    }

    private BrokerConfig brokerConfig(
            int nodeId, DataFolder data, ClusterFollower follower, byte[] key) {
        ControllerClient controller = closers.add(new ControllerClient(this::voters));
        S3Config store =
                Backing.store(settings).orElseThrow(() -> missing(settings, Setting.S3_ENDPOINT));
        return BrokerConfig.of(nodeId, data.path("log"), key, follower, controller)
                .withAddress(settings.text(Setting.HOST), settings.port(Setting.BROKER_PORT))
                .withDurability(Roles.durability(settings), settings.number(Setting.JOURNAL_BYTES))
                .withSegmentWrite(Roles.segmentWrite(settings))
                .withGroups(Roles.groups(settings, nodeId))
                .withSettings(Roles.shown(settings))
                .withMeters(meters)
                .withTables(
                        new BrokerConfig.Tables(
                                new HttpCatalogClient(
                                        URI.create(settings.text(Setting.CATALOG_URL)), key),
                                new LazyObjectStore(() -> S3ObjectStore.connect(store)),
                                data.path("spool")));
    }

    private void serveMetrics() {
        closers.add(
                MetricsServer.start(
                        settings.text(Setting.HOST),
                        settings.port(Setting.METRICS_PORT),
                        meters::scrape,
                        () -> !failure.isDone()));
    }

    private byte[] clusterKey() {
        Path file = Path.of(settings.text(Setting.CLUSTER_KEY_FILE));
        try {
            byte[] key = HexFormat.of().parseHex(Files.readString(file).strip());
            if (key.length == 32) {
                return key;
            }
            throw new IllegalArgumentException("it has %d bytes".formatted(key.length));
        } catch (IOException | IllegalArgumentException e) {
            throw new StartupException(
                    "Cannot read the cluster key %s (%s). It must hold 64 hex digits, the same on every node; `firn init` makes one."
                            .formatted(file, e),
                    e);
        }
    }
}
