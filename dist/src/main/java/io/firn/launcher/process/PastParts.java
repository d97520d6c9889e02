package io.firn.launcher.process;

import io.firn.catalog.CatalogConfig;
import io.firn.catalog.CatalogServer;
import io.firn.catalog.store.embedded.EmbeddedPostgresServer;
import io.firn.catalog.store.sql.StoreConfig;
import io.firn.launcher.folder.DataFolder;
import io.firn.launcher.folder.Keys;
import io.firn.launcher.settings.Setting;
import io.firn.launcher.settings.Settings;
import io.firn.objectstore.embedded.EmbeddedS3;
import io.firn.protocol.CloseStack;
import io.firn.protocol.Descriptors;

import java.net.URI;

/// What keeps a cluster's past, put together from the settings: the catalog, and the Postgres and
/// S3 that Firn embeds where there are none elsewhere.
final class PastParts {
    private final Settings settings;
    private final CloseStack closers;

    /// @param closers gets every part; closed by the caller
    PastParts(Settings settings, CloseStack closers) {
        this.settings = settings;
        this.closers = closers;
    }

    /// @param engines the bucket's address as query engines are told it
    CatalogServer catalog(
            int port,
            StoreConfig database,
            Backing.Objects objects,
            URI engines,
            byte[] clusterKey) {
        return closers.add(
                CatalogServer.start(
                        CatalogConfig.of(
                                        settings.text(Setting.HOST),
                                        port,
                                        database,
                                        objects.readWrite(),
                                        objects.readAccessKey(),
                                        objects.readSecretKey(),
                                        clusterKey)
                                .withVendedEndpoint(engines)));
    }

    EmbeddedS3 objects(DataFolder data, Keys keys, int port) {
        return closers.add(
                EmbeddedS3.start(
                        new EmbeddedS3.Config(
                                data.path("objects"),
                                settings.text(Setting.HOST),
                                port,
                                settings.text(Setting.S3_BUCKET),
                                new EmbeddedS3.Identity(keys.s3AccessKey(), keys.s3SecretKey()),
                                new EmbeddedS3.Identity(
                                        keys.readOnlyS3AccessKey(), keys.readOnlyS3SecretKey())),
                        Descriptors.ofProcess()::hasRoom));
    }

    /// @param port 0 picks a free one
    EmbeddedPostgresServer postgres(DataFolder data, Keys keys, int port) {
        return closers.add(
                EmbeddedPostgresServer.start(
                        data.path("postgres"), keys.folder().resolve("postgres.password"), port));
    }
}
