package io.firn.launcher.process;

import io.firn.broker.BrokerNode;
import io.firn.catalog.CatalogServer;
import io.firn.catalog.store.embedded.EmbeddedPostgresServer;
import io.firn.catalog.store.sql.StoreConfig;
import io.firn.controller.ControllerNode;
import io.firn.gateway.DirectListener;
import io.firn.gateway.GatewayNode;
import io.firn.launcher.folder.DataFolder;
import io.firn.launcher.folder.Keys;
import io.firn.launcher.settings.Addresses;
import io.firn.launcher.settings.Setting;
import io.firn.launcher.settings.Settings;
import io.firn.launcher.settings.StartupException;
import io.firn.launcher.settings.Voters;
import io.firn.objectstore.S3Config;
import io.firn.objectstore.embedded.EmbeddedS3;
import io.firn.protocol.CloseStack;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// One role in a process of its own.
public final class RunningRole {
    private final Settings settings;
    private final CloseStack closers;
    private String address = "";
    private CompletableFuture<Void> failure = new CompletableFuture<>();

    /// @param closers gets every part, so that a signal can stop a start half-way; closed by the
    ///     caller
    private RunningRole(Settings settings, CloseStack closers) {
        this.settings = settings;
        this.closers = closers;
    }

    public static RunningRole controller(Settings settings, CloseStack closers) {
        RunningRole role = new RunningRole(settings, closers);
        String host = settings.text(Setting.CONTROLLER_HOST);
        role.requireVoter();
        Ports.requireFree(
                settings, Setting.CONTROLLER_HOST, Setting.CONTROLLER_PORT, "controller.port");
        Ports.requireFree(settings, Setting.METRICS_PORT, "metrics-port");
        Assembly assembly = role.assembly();
        ControllerNode node =
                assembly.controller(
                        settings.number(Setting.NODE_ID),
                        settings.text(Setting.CLUSTER_ID),
                        role.data(),
                        host,
                        role.voters());
        assembly.metrics();
        String reached =
                Objects.requireNonNull(role.voters().get(settings.number(Setting.NODE_ID)))
                        .getHostString(); // requireVoter has looked
        role.address = Addresses.of(reached, node.port());
        return role;
    }

    public static RunningRole broker(Settings settings, CloseStack closers) {
        RunningRole role = new RunningRole(settings, closers);
        Ports.requireFree(settings, Setting.BROKER_PORT, "broker.port");
        Ports.requireFree(settings, Setting.DIRECT_PORT, "direct.port");
        Ports.requireFree(settings, Setting.METRICS_PORT, "metrics-port");
        Assembly assembly = role.assembly();
        DataFolder data = role.data();
        int id = settings.number(Setting.NODE_ID);
        String advertised = Addresses.advertised(settings);
        URI catalog = role.catalogUrl();
        S3Config store =
                Backing.store(settings).orElseThrow(() -> missing(settings, Setting.S3_ENDPOINT));
        Assembly.Cluster cluster = role.cluster(assembly, id, data);
        BrokerNode node = assembly.broker(id, advertised, cluster, data, catalog, store);
        Optional<DirectListener> direct = assembly.direct(cluster, node);
        assembly.metrics();
        role.address = Addresses.of(advertised, node.port());
        if (direct.isPresent()) {
            role.address += ", direct " + Addresses.of(advertised, direct.get().port());
        }
        return role;
    }

    public static RunningRole gateway(Settings settings, CloseStack closers) {
        RunningRole role = new RunningRole(settings, closers);
        String advertised = Addresses.advertised(settings);
        Ports.requireFree(settings, Setting.KAFKA_PORT, "kafka-port");
        Ports.requireFree(settings, Setting.METRICS_PORT, "metrics-port");
        Assembly assembly = role.assembly();
        GatewayNode node = assembly.gateway(role.cluster(assembly, -1, role.data()));
        assembly.metrics();
        role.address = Addresses.of(advertised, node.port());
        return role;
    }

    public static RunningRole catalog(Settings settings, CloseStack closers) {
        RunningRole role = new RunningRole(settings, closers);
        Ports.requireFree(settings, Setting.CATALOG_PORT, "catalog-port");
        StoreConfig database =
                Backing.postgres(settings).orElseThrow(() -> missing(settings, Setting.JDBC_URL));
        Backing.Objects objects =
                Backing.objects(settings).orElseThrow(() -> missing(settings, Setting.S3_ENDPOINT));
        CatalogServer server =
                new PastParts(settings, closers)
                        .catalog(
                                settings.port(Setting.CATALOG_PORT),
                                database,
                                objects,
                                objects.readWrite().endpoint(),
                                role.clusterKey());
        role.address = Addresses.http(Addresses.there(settings), server.port());
        return role;
    }

    /// The Postgres and the S3 that `standalone` embeds, alone: for trying the other roles on one
    /// machine that has neither.
    public static RunningRole backends(Settings settings, CloseStack closers) {
        RunningRole role = new RunningRole(settings, closers);
        Ports.requireFree(settings, Setting.S3_PORT, "s3-port");
        Ports.requireFree(settings, Setting.POSTGRES_PORT, "postgres.port");
        DataFolder data = role.data();
        Keys keys = new Keys(data.path("keys"));
        PastParts parts = new PastParts(settings, closers);
        EmbeddedS3 objects = parts.objects(data, keys, settings.port(Setting.S3_PORT));
        EmbeddedPostgresServer postgres =
                parts.postgres(data, keys, settings.port(Setting.POSTGRES_PORT));
        role.address =
                "S3 %s, Postgres %s, keys %s"
                        .formatted(
                                Addresses.http(
                                        Addresses.there(settings), objects.endpoint().getPort()),
                                postgres.config().jdbcUrl(),
                                keys.folder());
        return role;
    }

    public String address() {
        return address;
    }

    /// Completes, with the reason, when a part cannot go on and the process has to restart.
    public CompletableFuture<Void> failure() {
        return failure;
    }

    private Assembly assembly() {
        Assembly assembly = new Assembly(settings, clusterKey(), closers);
        failure = assembly.failure();
        return assembly;
    }

    private URI catalogUrl() {
        URI url = URI.create(settings.text(Setting.CATALOG_URL));
        if (url.getHost() != null) {
            Addresses.requireReachable(Setting.CATALOG_URL, url.getHost());
        }
        return url;
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

    private Assembly.Cluster cluster(Assembly assembly, int id, DataFolder data) {
        return assembly.cluster(id, settings.text(Setting.CLUSTER_ID), data, voters(), false);
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
