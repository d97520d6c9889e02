package io.firn.catalog;

import io.firn.catalog.iceberg.Committer;
import io.firn.catalog.iceberg.FirnCatalog;
import io.firn.catalog.iceberg.Maintenance;
import io.firn.catalog.iceberg.MetadataFiles;
import io.firn.catalog.iceberg.TopicTables;
import io.firn.catalog.registry.Registry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;

import java.util.Map;

/// The catalog role: one HTTP server with its doors, and the committer behind them.
public final class CatalogServer implements AutoCloseable {
    private final ApplicationContext context;
    private final EmbeddedServer http;
    private final CatalogServices services;
    private final Maintenance maintenance;

    private CatalogServer(
            ApplicationContext context,
            EmbeddedServer http,
            CatalogServices services,
            Maintenance maintenance) {
        this.context = context;
        this.http = http;
        this.services = services;
        this.maintenance = maintenance;
    }

    /// Opens the port and returns; Postgres and the object store are reached in the background, and
    /// requests that need them answer 503 until then.
    public static CatalogServer start(CatalogConfig config) {
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Backends backends = new Backends(config);
        MetadataFiles files = new MetadataFiles(config.vended().bucket(), backends::objects);
        Registry registry = new Registry(() -> backends.store().schemas());
        TopicTables topicTables = new TopicTables(backends::store, files, registry);
        Committer committer =
                new Committer(backends::store, files, metrics, config.timing().commitInterval());
        Maintenance maintenance = new Maintenance(backends, files, config.timing(), metrics);
        CatalogServices services =
                new CatalogServices(
                        config,
                        backends,
                        new FirnCatalog(backends::store, files),
                        topicTables,
                        registry,
                        committer,
                        metrics);
        ApplicationContext context =
                ApplicationContext.builder()
                        .deduceEnvironment(false)
                        .banner(false)
                        .properties(
                                Map.of(
                                        "micronaut.application.name",
                                        "firn-catalog",
                                        "micronaut.server.host",
                                        config.host(),
                                        "micronaut.server.port",
                                        config.port(),
                                        // Bodies are bounded by BodyGuard, in each door's words.
                                        "micronaut.server.max-request-size",
                                        "32MB",
                                        "micronaut.server.max-request-buffer-size",
                                        "32MB",
                                        "micronaut.server.netty.server-type",
                                        "FULL_CONTENT",
                                        "micronaut.netty.event-loops.default.num-threads",
                                        2,
                                        // Two seconds otherwise, at every stop.
                                        "micronaut.netty.event-loops.default.shutdown-quiet-period",
                                        "0s"))
                        .singletons(services)
                        .start();
        try {
            EmbeddedServer http = context.getBean(EmbeddedServer.class);
            http.start();
            committer.start();
            maintenance.start();
            return new CatalogServer(context, http, services, maintenance);
        } catch (RuntimeException e) {
            context.close();
            backends.close();
            throw e;
        }
    }

    public int port() {
        return http.getPort();
    }

    /// The role's own metrics, also on `/prometheus`.
    public PrometheusMeterRegistry metrics() {
        return services.metrics();
    }

    CatalogServices services() {
        return services;
    }

    /// True when Postgres and the object store have answered.
    public boolean ready() {
        return services.backends().ready();
    }

    /// Stops taking requests, lets a commit that is under way end, and closes the pools.
    @Override
    public void close() {
        http.stop();
        context.close();
        services.committer().close();
        maintenance.close();
        services.backends().close();
        services.metrics().close();
    }
}
