package io.firn.launcher.process;

import io.firn.broker.BrokerConfig;
import io.firn.broker.BrokerNode;
import io.firn.broker.cold.Tables;
import io.firn.catalog.client.HttpCatalogClient;
import io.firn.controller.ControllerConfig;
import io.firn.controller.ControllerGauge;
import io.firn.controller.ControllerNode;
import io.firn.controller.member.ClusterFollower;
import io.firn.controller.member.ControllerClient;
import io.firn.controller.member.FollowerConfig;
import io.firn.gateway.DirectListener;
import io.firn.gateway.GatewayNode;
import io.firn.launcher.folder.DataFolder;
import io.firn.launcher.health.Health;
import io.firn.launcher.health.MetricsServer;
import io.firn.launcher.settings.Setting;
import io.firn.launcher.settings.Settings;
import io.firn.launcher.settings.StartupException;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.Reachability;
import io.firn.objectstore.S3Config;
import io.firn.objectstore.S3ObjectStore;
import io.firn.protocol.CloseStack;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

import org.apache.kafka.common.errors.TimeoutException;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/// The roles of one process, each put together from the settings: one in a process of its own, or
/// all of them in `standalone`. They share one image of the cluster (DESIGN §13), one client of the
/// controllers, one registry of meters, and one place that hears of their faults.
public final class Assembly {
    private static final int PATIENCE_MS = 5_000;

    /// Nothing has this name; a store that answers says so.
    private static final ObjectKey PROBE = new ObjectKey("firn-health");

    private static final Duration CAUGHT_UP = Duration.ofSeconds(60);

    /// A process's view of the cluster.
    ///
    /// @param image followed for all roles of the process
    /// @param controller for changes
    record Cluster(ClusterFollower image, ControllerClient controller) {}

    private final Settings settings;
    private final byte[] clusterKey;
    private final CloseStack closers;
    private final PrometheusMeterRegistry meters =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final CompletableFuture<Void> failure = new CompletableFuture<>();
    private final Health health = new Health();
    private final MetricsServer metrics;
    private final List<Supplier<Optional<String>>> faults = new CopyOnWriteArrayList<>();

    /// Of the listeners, in whose budgets requests may wait.
    private final List<Supplier<Optional<String>>> memory = new CopyOnWriteArrayList<>();

    /// @param clusterKey proves to other members that this process is one (G6)
    /// @param closers gets every part, so that a signal can stop a start half-way; closed by the
    ///     caller
    public Assembly(Settings settings, byte[] clusterKey, CloseStack closers) {
        this.settings = settings;
        this.clusterKey = clusterKey.clone();
        this.closers = closers;
        health.needs("process", this::fault);
        health.wants("memory", () -> first(memory));
        // First, so that it is closed last and says meanwhile that the process stops.
        this.metrics =
                closers.add(
                        MetricsServer.start(
                                settings.text(Setting.HOST),
                                settings.port(Setting.METRICS_PORT),
                                meters::scrape,
                                health));
    }

    /// @param host what it binds
    /// @param voters every controller's id and address; empty: this one alone
    public ControllerNode controller(
            int id,
            String clusterId,
            DataFolder data,
            String host,
            Map<Integer, InetSocketAddress> voters) {
        ControllerNode node =
                closers.add(
                        ControllerNode.start(
                                new ControllerConfig(
                                        id,
                                        clusterId,
                                        data.path("raft/controller"),
                                        host,
                                        settings.port(Setting.CONTROLLER_PORT),
                                        voters,
                                        clusterKey)));
        failsWith(node.failure());
        faults.add(node::fault);
        health.needs("controller", node::trouble);
        for (ControllerGauge gauge : node.gauges()) {
            Gauge.builder(gauge.name(), () -> gauge.value().getAsDouble())
                    .description(gauge.description())
                    .register(meters);
        }
        return node;
    }

    /// Returns when the image is that of the cluster.
    ///
    /// @param id of the broker in this process; negative: there is none
    /// @param besideController whether the controller is in this process too
    public Cluster cluster(
            int id,
            String clusterId,
            DataFolder data,
            Map<Integer, InetSocketAddress> voters,
            boolean besideController) {
        ClusterFollower image =
                closers.add(
                        ClusterFollower.start(
                                new FollowerConfig(
                                        id,
                                        clusterId,
                                        data.path("raft/follower"),
                                        voters,
                                        clusterKey,
                                        besideController)));
        failsWith(image.failure());
        faults.add(image::fault);
        health.needs("image", image::trouble);
        ControllerClient controller = closers.add(new ControllerClient(image));
        try {
            image.awaitCaughtUp(CAUGHT_UP);
        } catch (TimeoutException e) {
            throw new StartupException(
                    "Cannot start: no controller of %s answered within %d s. Start a controller first, or correct controller.voters, cluster-id, cluster-key-file."
                            .formatted(voters, CAUGHT_UP.toSeconds()),
                    e);
        }
        return new Cluster(image, controller);
    }

    /// @param advertisedHost where gateways and other brokers reach it
    /// @param catalog where the catalog answers, now or later
    /// @param store the bucket, and the key that writes
    BrokerNode broker(
            int id,
            String advertisedHost,
            Cluster cluster,
            DataFolder data,
            URI catalog,
            S3Config store) {
        ObjectStore objects = new LazyObjectStore(() -> S3ObjectStore.connect(store));
        BrokerNode node =
                closers.add(
                        BrokerNode.start(
                                BrokerConfig.of(
                                                id,
                                                data.path("log"),
                                                clusterKey,
                                                cluster.image(),
                                                cluster.controller())
                                        .withAddress(
                                                settings.text(Setting.HOST),
                                                settings.port(Setting.BROKER_PORT))
                                        .withAdvertisedHost(advertisedHost)
                                        .withDurability(
                                                Roles.durability(settings),
                                                settings.number(Setting.JOURNAL_BYTES))
                                        .withSegmentWrite(Roles.segmentWrite(settings))
                                        .withKeepStrays(
                                                Duration.ofMillis(
                                                        settings.number(Setting.STRAY_RETENTION)))
                                        .withGroups(Roles.groups(settings, id))
                                        .withSettings(Roles.shown(settings))
                                        .withMeters(meters)
                                        .withTables(
                                                new Tables(
                                                        new HttpCatalogClient(catalog, clusterKey),
                                                        objects,
                                                        data.path("spool")))));
        failsWith(node.failed());
        memory.add(node::memoryTrouble);
        health.needs("broker", node::trouble);
        health.wants("disk", node::diskTrouble);
        health.wants("logs", node::logTrouble);
        health.wants("catalog", new Reachability("the catalog", () -> ask(catalog)));
        health.wants(
                "objectStore", new Reachability("the object store", () -> objects.head(PROBE)));
        return node;
    }

    /// The broker's listener for clients of one tenant, if there is to be one.
    Optional<DirectListener> direct(Cluster cluster, BrokerNode broker) {
        Optional<DirectListener> direct =
                Roles.direct(settings, clusterKey, meters, cluster, broker);
        direct.ifPresent(closers::add);
        direct.ifPresent(it -> memory.add(it::trouble));
        return direct;
    }

    GatewayNode gateway(Cluster cluster) {
        health.needs(
                "brokers",
                () ->
                        cluster.image().image().alive().isEmpty()
                                ? Optional.of("no broker is alive")
                                : Optional.empty());
        GatewayNode node =
                closers.add(
                        GatewayNode.start(
                                Roles.gateway(settings, clusterKey, meters),
                                cluster.image(),
                                cluster.controller()::send));
        memory.add(node::trouble);
        return node;
    }

    /// The process is as it should be from here on, and says so until it begins to stop.
    ///
    /// @return `/prometheus` and `/health` of all of them
    public MetricsServer metrics() {
        health.started();
        closers.add(health::stopping);
        return metrics;
    }

    /// Any answer but that of a server in trouble.
    private static int ask(URI catalog) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) catalog.resolve("/health").toURL().openConnection();
        connection.setConnectTimeout(PATIENCE_MS);
        connection.setReadTimeout(PATIENCE_MS);
        try {
            int status = connection.getResponseCode();
            if (status >= HttpURLConnection.HTTP_INTERNAL_ERROR) {
                throw new IOException("status %d; its own /health says why".formatted(status));
            }
            return status;
        } finally {
            connection.disconnect();
        }
    }

    /// The first fault that only a restart mends.
    public Optional<String> fault() {
        return first(faults);
    }

    private static Optional<String> first(List<Supplier<Optional<String>>> troubles) {
        return troubles.stream().flatMap(one -> one.get().stream()).findFirst();
    }

    /// Completes, with the reason, when a part cannot go on and the process has to restart.
    public CompletableFuture<Void> failure() {
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
}
