package io.firn.launcher;

import io.firn.broker.BrokerConfig;
import io.firn.broker.BrokerNode;
import io.firn.catalog.CatalogConfig;
import io.firn.catalog.CatalogServer;
import io.firn.catalog.client.HttpCatalogClient;
import io.firn.catalog.store.StoreConfig;
import io.firn.controller.ClusterFollower;
import io.firn.controller.ControllerClient;
import io.firn.controller.ControllerConfig;
import io.firn.controller.ControllerNode;
import io.firn.controller.FollowerConfig;
import io.firn.gateway.DirectListener;
import io.firn.gateway.GatewayNode;
import io.firn.objectstore.S3Config;
import io.firn.objectstore.S3ObjectStore;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/// One role in a process of its own: its data folder, its follower of the metadata log, itself, its
/// metrics.
final class RunningRole implements AutoCloseable {
    private final Closers closers = new Closers();
    private final PrometheusMeterRegistry meters =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Settings settings;
    private String address = "";

    private RunningRole(Settings settings) {
        this.settings = settings;
    }

    static RunningRole controller(Settings settings) {
        return new RunningRole(settings)
                .starting(
                        role -> {
                            DataFolder data = role.data();
                            ControllerNode node =
                                    role.closers.add(
                                            ControllerNode.start(
                                                    new ControllerConfig(
                                                            settings.number(Setting.NODE_ID),
                                                            settings.text(Setting.CLUSTER_ID),
                                                            data.path("raft/controller"),
                                                            settings.text(Setting.CONTROLLER_HOST),
                                                            settings.port(Setting.CONTROLLER_PORT),
                                                            role.voters())));
                            role.serveMetrics();
                            role.address =
                                    "%s:%d"
                                            .formatted(
                                                    settings.text(Setting.CONTROLLER_HOST),
                                                    node.port());
                        });
    }

    static RunningRole broker(Settings settings) {
        return new RunningRole(settings)
                .starting(
                        role -> {
                            DataFolder data = role.data();
                            int id = settings.number(Setting.NODE_ID);
                            ClusterFollower follower = role.follower(id, data);
                            BrokerNode node =
                                    role.closers.add(
                                            BrokerNode.start(
                                                    role.brokerConfig(id, data, follower)));
                            Optional<DirectListener> direct =
                                    Roles.direct(
                                            settings,
                                            role.clusterKey(),
                                            role.meters,
                                            follower,
                                            node);
                            direct.ifPresent(role.closers::add);
                            role.serveMetrics();
                            role.address =
                                    "%s:%d".formatted(settings.text(Setting.HOST), node.port())
                                            + direct.map(
                                                            d ->
                                                                    ", direct %s:%d"
                                                                            .formatted(
                                                                                    Roles
                                                                                            .advertisedHost(
                                                                                                    settings),
                                                                                    d.port()))
                                                    .orElse("");
                        });
    }

    static RunningRole gateway(Settings settings) {
        return new RunningRole(settings)
                .starting(
                        role -> {
                            ClusterFollower follower = role.follower(-1, role.data());
                            GatewayNode node =
                                    role.closers.add(
                                            GatewayNode.start(
                                                    Roles.gateway(
                                                            settings,
                                                            role.clusterKey(),
                                                            role.meters),
                                                    follower));
                            role.serveMetrics();
                            role.address =
                                    "%s:%d".formatted(settings.text(Setting.HOST), node.port());
                        });
    }

    static RunningRole catalog(Settings settings) {
        return new RunningRole(settings)
                .starting(
                        role -> {
                            CatalogServer server =
                                    role.closers.add(
                                            CatalogServer.start(
                                                    CatalogConfig.of(
                                                            settings.text(Setting.HOST),
                                                            settings.port(Setting.CATALOG_PORT),
                                                            StoreConfig.of(
                                                                    settings.text(Setting.JDBC_URL),
                                                                    settings.text(
                                                                            Setting.JDBC_USER),
                                                                    settings.text(
                                                                            Setting.JDBC_PASSWORD)),
                                                            role.s3(
                                                                    Setting.S3_ACCESS_KEY,
                                                                    Setting.S3_SECRET_KEY),
                                                            settings.text(
                                                                    Setting.S3_READ_ACCESS_KEY),
                                                            settings.text(
                                                                    Setting.S3_READ_SECRET_KEY),
                                                            role.clusterKey())));
                            role.address =
                                    "http://%s:%d"
                                            .formatted(settings.text(Setting.HOST), server.port());
                        });
    }

    String address() {
        return address;
    }

    @Override
    public void close() {
        closers.close();
    }

    private RunningRole starting(java.util.function.Consumer<RunningRole> parts) {
        try {
            parts.accept(this);
            return this;
        } catch (RuntimeException | Error e) {
            closers.close();
            throw e;
        }
    }

    private DataFolder data() {
        return closers.add(DataFolder.open(Path.of(settings.text(Setting.DATA))));
    }

    private Map<Integer, InetSocketAddress> voters() {
        return Voters.parse(settings.text(Setting.CONTROLLER_VOTERS));
    }

    private ClusterFollower follower(int nodeId, DataFolder data) {
        return closers.add(
                ClusterFollower.start(
                        new FollowerConfig(
                                nodeId,
                                settings.text(Setting.CLUSTER_ID),
                                data.path("raft/follower"),
                                voters())));
    }

    private BrokerConfig brokerConfig(int nodeId, DataFolder data, ClusterFollower follower) {
        ControllerClient controller = closers.add(new ControllerClient(this::voters));
        return BrokerConfig.of(nodeId, data.path("log"), clusterKey(), follower, controller)
                .withAddress(settings.text(Setting.HOST), settings.port(Setting.BROKER_PORT))
                .withDurability(Roles.durability(settings), settings.number(Setting.JOURNAL_BYTES))
                .withSegmentWrite(Roles.segmentWrite(settings))
                .withGroups(Roles.groups(settings, nodeId))
                .withSettings(Roles.shown(settings))
                .withMeters(meters)
                .withTables(
                        new BrokerConfig.Tables(
                                new HttpCatalogClient(
                                        URI.create(settings.text(Setting.CATALOG_URL)),
                                        clusterKey()),
                                S3ObjectStore.connect(
                                        s3(Setting.S3_ACCESS_KEY, Setting.S3_SECRET_KEY)),
                                data.path("spool")));
    }

    private void serveMetrics() {
        closers.add(
                MetricsServer.start(
                        settings.text(Setting.HOST),
                        settings.port(Setting.METRICS_PORT),
                        meters::scrape,
                        () -> true));
    }

    private S3Config s3(Setting accessKey, Setting secretKey) {
        return new S3Config(
                URI.create(settings.text(Setting.S3_ENDPOINT)),
                settings.text(Setting.S3_REGION),
                settings.text(Setting.S3_BUCKET),
                settings.text(accessKey),
                settings.text(secretKey),
                true);
    }

    private byte[] clusterKey() {
        Path file = Path.of(settings.text(Setting.CLUSTER_KEY_FILE));
        try {
            return HexFormat.of().parseHex(Files.readString(file).strip());
        } catch (IOException | IllegalArgumentException e) {
            throw new StartupException(
                    "Cannot read the cluster key %s (%s). It must hold 64 hex digits, the same on every node: openssl rand -hex 32"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }
}
