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

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// All of Firn in one process. Controller, broker and gateway start in a row, and at the same time
/// Postgres, S3 and the catalog: the Kafka address waits for neither of them (C11, DESIGN §10).
final class Standalone implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Standalone.class);
    private static final int CONTROLLER_ID = 3000;
    private static final Duration CAUGHT_UP = Duration.ofSeconds(30);

    private final Closers closers = new Closers();
    private final long startNanos = System.nanoTime();
    private final Settings settings;
    private final PrometheusMeterRegistry meters =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final String host;
    private final int catalogPort;
    private final int s3Port;
    private final DataFolder data;
    private final Keys keys;
    private final GatewayNode gateway;
    private Optional<DirectListener> direct = Optional.empty();
    private final MetricsServer metrics;
    private final CompletableFuture<Void> failure = new CompletableFuture<>();

    static Standalone start(Settings settings) {
        return new Standalone(settings);
    }

    private Standalone(Settings settings) {
        this.settings = settings;
        this.host = settings.text(Setting.HOST);
        try {
            int kafkaPort = settings.port(Setting.KAFKA_PORT);
            Ports.requireFree("Kafka", host, kafkaPort, "--kafka-port");
            Ports.requireFree(
                    "catalog", host, settings.port(Setting.CATALOG_PORT), "--catalog-port");
            if (Backing.embeddedS3(settings)) {
                Ports.requireFree("S3", host, settings.port(Setting.S3_PORT), "--s3-port");
            }
            this.catalogPort = Ports.chosen(host, settings.port(Setting.CATALOG_PORT));
            this.s3Port = Ports.chosen(host, settings.port(Setting.S3_PORT));
            this.data =
                    closers.add(
                            DataFolder.open(java.nio.file.Path.of(settings.text(Setting.DATA))));
            this.keys = new Keys(data.path("keys"));
            CompletableFuture<Void> past = inBackground(this::startPast);
            this.gateway = startLog();
            this.metrics =
                    closers.add(
                            MetricsServer.start(
                                    host,
                                    settings.port(Setting.METRICS_PORT),
                                    meters::scrape,
                                    () -> !failure.isDone()));
            past.join();
        } catch (CompletionException e) {
            closers.close();
            throw unwrapped(e);
        } catch (RuntimeException | Error e) {
            closers.close();
            throw e;
        }
    }

    private static RuntimeException unwrapped(CompletionException e) {
        return e.getCause() instanceof RuntimeException cause ? cause : e;
    }

    /// Controller, follower, broker and gateway: what a Kafka client needs.
    private GatewayNode startLog() {
        String clusterId = keys.clusterId();
        ControllerNode controller =
                closers.add(
                        ControllerNode.start(
                                new ControllerConfig(
                                        CONTROLLER_ID,
                                        clusterId,
                                        data.path("raft/controller"),
                                        host,
                                        settings.port(Setting.CONTROLLER_PORT),
                                        Map.of())));
        Map<Integer, InetSocketAddress> voters = controller.voters();
        int nodeId = settings.number(Setting.NODE_ID);
        ClusterFollower follower =
                closers.add(
                        ClusterFollower.start(
                                new FollowerConfig(
                                        nodeId, clusterId, data.path("raft/follower"), voters)));
        ControllerClient client = closers.add(new ControllerClient(() -> voters));
        follower.awaitCaughtUp(CAUGHT_UP);
        BrokerNode broker = closers.add(BrokerNode.start(brokerConfig(nodeId, follower, client)));
        failsWith(controller.failure());
        failsWith(follower.failure());
        failsWith(broker.failed());
        direct = Roles.direct(settings, keys.clusterKey(), meters, follower, broker);
        direct.ifPresent(closers::add);
        return closers.add(
                GatewayNode.start(Roles.gateway(settings, keys.clusterKey(), meters), follower));
    }

    private BrokerConfig brokerConfig(
            int nodeId, ClusterFollower follower, ControllerClient client) {
        URI catalog = URI.create("http://%s:%d".formatted(host, catalogPort));
        return BrokerConfig.of(nodeId, data.path("log"), keys.clusterKey(), follower, client)
                .withAddress(host, settings.port(Setting.BROKER_PORT))
                .withDurability(Roles.durability(settings), settings.number(Setting.JOURNAL_BYTES))
                .withSegmentWrite(Roles.segmentWrite(settings))
                .withGroups(Roles.groups(settings, nodeId))
                .withSettings(Roles.shown(settings))
                .withMeters(meters)
                .withTables(
                        new BrokerConfig.Tables(
                                new HttpCatalogClient(catalog, keys.clusterKey()),
                                S3ObjectStore.connect(objects().readWrite()),
                                data.path("spool")));
    }

    /// Postgres, S3 and the catalog: what the table needs. Either of the first two may be a server
    /// elsewhere, which the catalog then waits for as long as it is away (C11).
    private void startPast() {
        Backing.Objects objects = objects();
        if (Backing.embeddedS3(settings)) {
            EmbeddedS3 s3 = closers.add(EmbeddedS3.start(embedded()));
            LOG.info("Embedded S3 on {}", s3.endpoint());
        }
        closers.add(
                CatalogServer.start(
                        CatalogConfig.of(
                                host,
                                catalogPort,
                                database(),
                                objects.readWrite(),
                                objects.readAccessKey(),
                                objects.readSecretKey(),
                                keys.clusterKey())));
    }

    private StoreConfig database() {
        return Backing.postgres(settings)
                .orElseGet(
                        () -> {
                            EmbeddedPostgresServer postgres =
                                    closers.add(
                                            EmbeddedPostgresServer.start(
                                                    data.path("postgres"),
                                                    keys.folder().resolve("postgres.password"),
                                                    0));
                            LOG.info("Embedded Postgres on {}", postgres.port());
                            return postgres.config();
                        });
    }

    private EmbeddedS3.Config embedded() {
        return new EmbeddedS3.Config(
                data.path("objects"),
                host,
                s3Port,
                settings.text(Setting.S3_BUCKET),
                new EmbeddedS3.Identity(keys.s3AccessKey(), keys.s3SecretKey()),
                new EmbeddedS3.Identity(keys.readOnlyS3AccessKey(), keys.readOnlyS3SecretKey()));
    }

    private Backing.Objects objects() {
        return Backing.objects(settings)
                .orElseGet(
                        () ->
                                new Backing.Objects(
                                        new S3Config(
                                                URI.create("http://%s:%d/".formatted(host, s3Port)),
                                                EmbeddedS3.REGION,
                                                settings.text(Setting.S3_BUCKET),
                                                keys.s3AccessKey(),
                                                keys.s3SecretKey(),
                                                true),
                                        keys.readOnlyS3AccessKey(),
                                        keys.readOnlyS3SecretKey()));
    }

    private static CompletableFuture<Void> inBackground(Runnable work) {
        var done = new CompletableFuture<Void>();
        Thread.ofPlatform()
                .name("firn-start-past")
                .start(
                        () -> {
                            try {
                                work.run();
                                done.complete(null);
                            } catch (Throwable e) {
                                done.completeExceptionally(e);
                            }
                        });
        return done;
    }

    /// Completes, with the reason, when a part cannot go on and the process has to restart.
    CompletableFuture<Void> failure() {
        return failure;
    }

    private void failsWith(CompletableFuture<Void> part) {
        var unused =
                part.whenComplete(
                        (nothing, error) -> {
                            if (error == null) {
                                failure.complete(null);
                            } else {
                                failure.completeExceptionally(error);
                            }
                        });
    }

    ReadyBlock ready() {
        return new ReadyBlock(
                "%s:%d".formatted(Roles.advertisedHost(settings), gateway.port()),
                direct.map(d -> "%s:%d".formatted(Roles.advertisedHost(settings), d.port())),
                "http://%s:%d".formatted(host, catalogPort),
                objects().readWrite().endpoint().toString().replaceFirst("/$", ""),
                "http://%s:%d/prometheus".formatted(host, metrics.port()),
                keys.folder(),
                data.root(),
                (System.nanoTime() - startNanos) / 1_000_000);
    }

    /// In the opposite order of their start; Postgres after the catalog that uses it.
    @Override
    public void close() {
        closers.close();
    }
}
