package io.firn.catalog;

import io.firn.catalog.iceberg.Committer;
import io.firn.catalog.iceberg.FirnCatalog;
import io.firn.catalog.iceberg.TopicTables;
import io.firn.catalog.registry.Registry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/// What the controllers work with; made by [CatalogServer].
public record CatalogServices(
        CatalogConfig config,
        Backends backends,
        FirnCatalog iceberg,
        TopicTables topicTables,
        Registry registry,
        Committer committer,
        PrometheusMeterRegistry metrics) {}
