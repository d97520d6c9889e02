package io.firn.launcher.process;

import io.firn.catalog.store.sql.StoreConfig;
import io.firn.launcher.settings.Addresses;
import io.firn.launcher.settings.Setting;
import io.firn.launcher.settings.Settings;
import io.firn.launcher.settings.StartupException;
import io.firn.objectstore.S3Config;

import java.net.URI;
import java.util.Optional;

/// The Postgres and the object store that stand behind the catalog, when they are servers
/// elsewhere: `postgres.url` and `s3.endpoint` say where. `standalone` has embedded ones when these
/// are empty; the other roles require them.
public final class Backing {
    /// The cold tier's bucket.
    ///
    /// @param readWrite where it is, and the key that writes
    /// @param readAccessKey the read-only key that engines get
    public record Objects(S3Config readWrite, String readAccessKey, String readSecretKey) {}

    private Backing() {}

    /// Whether `standalone` serves S3 itself.
    public static boolean embeddedS3(Settings settings) {
        return settings.find(Setting.S3_ENDPOINT).filter(url -> !url.isEmpty()).isEmpty();
    }

    public static Optional<StoreConfig> postgres(Settings settings) {
        return settings.find(Setting.JDBC_URL)
                .filter(url -> !url.isEmpty())
                .map(
                        url ->
                                StoreConfig.of(
                                        url,
                                        settings.text(Setting.JDBC_USER),
                                        settings.text(Setting.JDBC_PASSWORD)));
    }

    /// The bucket and the key that writes.
    static Optional<S3Config> store(Settings settings) {
        return settings.find(Setting.S3_ENDPOINT)
                .filter(url -> !url.isEmpty())
                .map(
                        url ->
                                new S3Config(
                                        endpoint(url),
                                        settings.text(Setting.S3_REGION),
                                        settings.text(Setting.S3_BUCKET),
                                        settings.text(Setting.S3_ACCESS_KEY),
                                        settings.text(Setting.S3_SECRET_KEY),
                                        true));
    }

    public static Optional<Objects> objects(Settings settings) {
        return store(settings)
                .map(
                        store ->
                                new Objects(
                                        store,
                                        settings.text(Setting.S3_READ_ACCESS_KEY),
                                        settings.text(Setting.S3_READ_SECRET_KEY)));
    }

    private static URI endpoint(String url) {
        try {
            URI uri = URI.create(url);
            if (uri.getHost() != null) {
                // Engines are told this one.
                Addresses.requireReachable(Setting.S3_ENDPOINT, uri.getHost());
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw new StartupException(
                    "Cannot start: s3.endpoint is '%s' and must be a URL such as http://10.0.0.4:9000."
                            .formatted(url),
                    e);
        }
        throw new StartupException(
                "Cannot start: s3.endpoint is '%s' and must be a URL such as http://10.0.0.4:9000."
                        .formatted(url));
    }
}
