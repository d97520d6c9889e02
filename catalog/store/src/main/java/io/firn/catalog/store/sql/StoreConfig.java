package io.firn.catalog.store.sql;

import java.time.Duration;

/// Where the catalog's Postgres is.
public record StoreConfig(
        String jdbcUrl, String user, String password, int maxConnections, Duration connectTimeout) {
    public static StoreConfig of(String jdbcUrl, String user, String password) {
        return new StoreConfig(jdbcUrl, user, password, 10, Duration.ofSeconds(10));
    }

    /// Without the password, so that it never gets into a log.
    @Override
    public String toString() {
        return "StoreConfig[%s, user %s]".formatted(jdbcUrl, user);
    }
}
