package io.firn.catalog;

import io.firn.catalog.store.sql.StoreConfig;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.S3Config;
import io.firn.objectstore.S3ObjectStore;

import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;

/// What a catalog needs. The two suppliers are asked on a background thread, again and again until
/// they answer: the port opens before Postgres and the object store do.
///
/// @param port 0 takes a free one
/// @param database where Postgres is; may block or throw while it starts
/// @param objects the bucket, with the right to write
/// @param vended endpoint, bucket and the read-only keys that engines are given
public record CatalogConfig(
        String host,
        int port,
        Supplier<StoreConfig> database,
        Supplier<ObjectStore> objects,
        S3Config vended,
        byte[] clusterKey,
        Timing timing) {
    /// How often and how long; tests make it short.
    ///
    /// @param commitInterval between two rounds of the committer
    /// @param maintenanceInterval between two rounds of expiry and sweeping
    /// @param keepSnapshots age that a snapshot reaches at least
    /// @param keepLast newest snapshots that stay whatever their age
    /// @param grace between the retirement of an object and its deletion (C5)
    public record Timing(
            Duration commitInterval,
            Duration maintenanceInterval,
            Duration keepSnapshots,
            int keepLast,
            Duration grace) {
        public static final Timing DEFAULT =
                new Timing(
                        Duration.ofMillis(1000),
                        Duration.ofMinutes(10),
                        Duration.ofHours(24),
                        10,
                        Duration.ofHours(1));
    }

    /// The usual case: S3 by two identities.
    ///
    /// @param writing the identity that writes metadata
    /// @param readAccessKey of the read-only identity to vend
    public static CatalogConfig of(
            String host,
            int port,
            StoreConfig database,
            S3Config writing,
            String readAccessKey,
            String readSecretKey,
            byte[] clusterKey) {
        return new CatalogConfig(
                host,
                port,
                () -> database,
                () -> S3ObjectStore.connect(writing),
                new S3Config(
                        writing.endpoint(),
                        writing.region(),
                        writing.bucket(),
                        readAccessKey,
                        readSecretKey,
                        writing.pathStyle()),
                clusterKey,
                Timing.DEFAULT);
    }

    /// The same, with engines sent to another address of the bucket than this catalog uses.
    public CatalogConfig withVendedEndpoint(URI endpoint) {
        return new CatalogConfig(
                host,
                port,
                database,
                objects,
                new S3Config(
                        endpoint,
                        vended.region(),
                        vended.bucket(),
                        vended.accessKey(),
                        vended.secretKey(),
                        vended.pathStyle()),
                clusterKey,
                timing);
    }

    /// Without keys and passwords.
    @Override
    public String toString() {
        return "CatalogConfig[%s:%d, %s]".formatted(host, port, vended);
    }
}
