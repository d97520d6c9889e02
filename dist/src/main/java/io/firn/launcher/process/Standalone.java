package io.firn.launcher.process;

import io.firn.broker.BrokerNode;
import io.firn.catalog.store.embedded.EmbeddedPostgresServer;
import io.firn.catalog.store.sql.StoreConfig;
import io.firn.controller.ControllerNode;
import io.firn.gateway.DirectListener;
import io.firn.gateway.GatewayNode;
import io.firn.launcher.folder.DataFolder;
import io.firn.launcher.folder.Keys;
import io.firn.launcher.health.MetricsServer;
import io.firn.launcher.settings.Addresses;
import io.firn.launcher.settings.Setting;
import io.firn.launcher.settings.Settings;
import io.firn.objectstore.S3Config;
import io.firn.objectstore.embedded.EmbeddedS3;
import io.firn.protocol.CloseStack;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// All of Firn in one process. Controller, broker and gateway start in a row; the Kafka address
/// waits for nothing else (C11, DESIGN §10). Postgres, a process of its own, starts beside them; S3
/// and the catalog begin when the Kafka address is there, so as not to take its processor time.
public final class Standalone implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Standalone.class);
    private static final int CONTROLLER_ID = 3000;
    private static final String LOOPBACK = "127.0.0.1";

    /// What the table needs, and what a Kafka client needs: closed after one another, the latter
    /// first, whichever part was up first.
    private final CloseStack past = new CloseStack("standalone, its tables");

    private final CloseStack log = new CloseStack("standalone, its log");
    private final CloseStack all;
    private final CompletableFuture<Void> kafkaIsUp = new CompletableFuture<>();
    private final long startNanos = System.nanoTime();
    private final Settings settings;
    private final String host;
    private final int catalogPort;
    private final int s3Port;
    private final DataFolder data;
    private final Keys keys;
    private final Assembly assembly;
    private final GatewayNode gateway;
    private Optional<DirectListener> direct = Optional.empty();
    private final MetricsServer metrics;

    public static Standalone start(Settings settings) {
        return start(settings, new CloseStack("standalone"));
    }

    /// @param all gets every part, so that a signal can stop a start half-way; closed by the caller
    ///     or by [#close]
    /// @throws StartupException for a reason that the user can mend; everything is closed then
    /// @throws CloseStack.ClosedException when `all` was closed meanwhile
    public static Standalone start(Settings settings, CloseStack all) {
        return new Standalone(settings, all);
    }

    private Standalone(Settings settings, CloseStack all) {
        this.settings = settings;
        this.all = all;
        this.host = settings.text(Setting.HOST);
        try {
            Addresses.advertised(settings);
            var unused = Backing.objects(settings); // both say what is wrong with an address
            DataFolder.requireUnused(Path.of(settings.text(Setting.DATA)));
            Ports.requireFree(settings, Setting.KAFKA_PORT, "--kafka-port");
            Ports.requireFree(settings, Setting.CATALOG_PORT, "--catalog-port");
            if (Backing.embeddedS3(settings)) {
                Ports.requireFree(settings, Setting.S3_PORT, "--s3-port");
            }
            Ports.requireFree(settings, Setting.METRICS_PORT, "metrics-port in firn.yaml");
            Ports.requireFree(settings, Setting.BROKER_PORT, "broker.port in firn.yaml");
            Ports.requireFree(settings, Setting.DIRECT_PORT, "direct.port in firn.yaml");
            if (Backing.postgres(settings).isEmpty()) {
                Ports.requireFree(settings, Setting.POSTGRES_PORT, "postgres.port in firn.yaml");
            }
            this.catalogPort = Ports.chosen(host, settings.port(Setting.CATALOG_PORT));
            this.s3Port = Ports.chosen(host, settings.port(Setting.S3_PORT));
            this.data = all.add(DataFolder.open(Path.of(settings.text(Setting.DATA))));
            this.keys = Keys.ofCluster(data);
            this.assembly = new Assembly(settings, keys.clusterKey(), log);
            BackgroundStart background = all.add(new BackgroundStart(this::startPast));
            all.add(past);
            all.add(log);
            this.gateway = startLog();
            kafkaIsUp.complete(null);
            this.metrics = assembly.metrics();
            background.await();
        } catch (CompletionException e) {
            close();
            throw unwrapped(e);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private static RuntimeException unwrapped(CompletionException e) {
        return e.getCause() instanceof RuntimeException cause ? cause : e;
    }

    /// Controller, broker and gateway, around one image of the cluster: what a Kafka client needs.
    /// Nobody else is to reach the controller, so it is on loopback whatever the host is.
    private GatewayNode startLog() {
        String clusterId = keys.clusterId();
        ControllerNode controller =
                assembly.controller(CONTROLLER_ID, clusterId, data, LOOPBACK, Map.of());
        int id = settings.number(Setting.NODE_ID);
        Assembly.Cluster cluster = assembly.cluster(id, clusterId, data, controller.voters(), true);
        BrokerNode broker =
                assembly.broker(
                        id,
                        Addresses.here(settings),
                        cluster,
                        data,
                        URI.create(Addresses.http(Addresses.here(settings), catalogPort)),
                        objects().readWrite());
        direct = assembly.direct(cluster, broker);
        return assembly.gateway(cluster);
    }

    /// Postgres, S3 and the catalog: what the table needs. Either of the first two may be a server
    /// elsewhere, which the catalog then waits for as long as it is away (C11).
    private void startPast() {
        Backing.Objects objects = objects();
        StoreConfig database = database();
        kafkaIsUp.join();
        PastParts parts = new PastParts(settings, past);
        if (Backing.embeddedS3(settings)) {
            EmbeddedS3 s3 = parts.objects(data, keys, s3Port);
            LOG.info("Embedded S3 on {}", s3.endpoint());
        }
        parts.catalog(catalogPort, database, objects, enginesEndpoint(), keys.clusterKey());
    }

    private StoreConfig database() {
        return Backing.postgres(settings)
                .orElseGet(
                        () -> {
                            EmbeddedPostgresServer postgres =
                                    new PastParts(settings, past)
                                            .postgres(
                                                    data,
                                                    keys,
                                                    settings.port(Setting.POSTGRES_PORT));
                            LOG.info("Embedded Postgres on {}", postgres.port());
                            return postgres.config();
                        });
    }

    private Backing.Objects objects() {
        return Backing.objects(settings)
                .orElseGet(
                        () ->
                                new Backing.Objects(
                                        new S3Config(
                                                endpoint(Addresses.here(settings)),
                                                EmbeddedS3.REGION,
                                                settings.text(Setting.S3_BUCKET),
                                                keys.s3AccessKey(),
                                                keys.s3SecretKey(),
                                                true),
                                        keys.readOnlyS3AccessKey(),
                                        keys.readOnlyS3SecretKey()));
    }

    /// The bucket's address as query engines elsewhere are told it (D10).
    private URI enginesEndpoint() {
        return Backing.embeddedS3(settings)
                ? endpoint(Addresses.there(settings))
                : objects().readWrite().endpoint();
    }

    private URI endpoint(String at) {
        return URI.create(Addresses.http(at, s3Port) + "/");
    }

    /// Completes, with the reason, when a part cannot go on and the process has to restart.
    public CompletableFuture<Void> failure() {
        return assembly.failure();
    }

    public ReadyBlock ready() {
        return new ReadyBlock(
                Addresses.of(Addresses.advertised(settings), gateway.port()),
                direct.map(d -> Addresses.of(Addresses.advertised(settings), d.port())),
                Addresses.http(Addresses.there(settings), catalogPort),
                enginesEndpoint().toString().replaceFirst("/$", ""),
                Addresses.http(Addresses.there(settings), metrics.port()) + "/prometheus",
                keys.folder(),
                data.root(),
                (System.nanoTime() - startNanos) / 1_000_000);
    }

    /// Gateway, broker and controller first, then the catalog and the Postgres and S3 that it uses.
    @Override
    public void close() {
        kafkaIsUp.completeExceptionally(new CancellationException("Firn stops"));
        all.close();
    }
}
