package io.firn.objectstore.embedded;

import io.firn.objectstore.S3Config;

import org.gaul.s3proxy.AccessGrant;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.gaul.shaded.org.eclipse.jetty.server.AbstractConnector;
import org.gaul.shaded.org.eclipse.jetty.server.Connector;
import org.gaul.shaded.org.eclipse.jetty.server.Server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/// S3Proxy over a local folder: the S3 endpoint of `firn standalone`. A PUT is answered when it is
/// synced. Two identities: one writes, the other, which is handed to query engines, only reads;
/// nobody else gets anything.
public final class EmbeddedS3 implements AutoCloseable {
    public static final String REGION = "us-east-1";

    private static final Duration MAX_IDLE = Duration.ofSeconds(30);

    /// @param dir the buckets lie below it as folders; created when absent
    /// @param port 0 picks a free one
    public record Config(
            Path dir,
            String host,
            int port,
            String bucket,
            Identity readWrite,
            Identity readOnly) {}

    /// An access key and its secret.
    public record Identity(String accessKey, String secretKey) {
        @Override
        public String toString() {
            return "Identity[" + accessKey + "]";
        }
    }

    private final Config config;
    private final S3Proxy proxy;

    private EmbeddedS3(Config config, S3Proxy proxy) {
        this.config = config;
        this.proxy = proxy;
    }

    /// Opens the folder and the port.
    ///
    /// @param room whether the process has file descriptors for one more connection
    /// @throws EmbeddedS3Exception with one clear line when the port is taken or the folder
    ///     unusable
    public static EmbeddedS3 start(Config config, BooleanSupplier room) {
        try {
            Files.createDirectories(config.dir().resolve(config.bucket()));
            DurableBlobStore.sync(config.dir());
        } catch (IOException | UncheckedIOException e) {
            throw new EmbeddedS3Exception(
                    "Cannot use %s for objects: %s".formatted(config.dir(), e.getMessage()), e);
        }
        var files = new FilesystemNio2BlobStore(config.dir().toAbsolutePath().toString());
        var durable = new DurableBlobStore(files, config.dir().toAbsolutePath());
        var writing = new AccessGrant(config.readWrite().secretKey(), durable);
        var reading = new AccessGrant(config.readOnly().secretKey(), new ReadOnlyBlobStore(files));
        S3Proxy proxy =
                S3Proxy.builder()
                        .blobStore(nothing())
                        .endpoint(
                                URI.create("http://%s:%d".formatted(config.host(), config.port())))
                        .awsAuthentication(
                                AuthenticationType.AWS_V2_OR_V4,
                                config.readWrite().accessKey(),
                                config.readWrite().secretKey())
                        .ignoreUnknownHeaders(true)
                        .jettyMaxThreads(64)
                        .stopTimeout(2_000)
                        .build();
        proxy.setBlobStoreLocator(
                (identity, container, blob) -> {
                    if (config.readWrite().accessKey().equals(identity)) {
                        return writing;
                    }
                    return config.readOnly().accessKey().equals(identity) ? reading : null;
                });
        try {
            guard(proxy, config.readWrite().accessKey(), room);
            proxy.start();
        } catch (Exception e) {
            stopQuietly(proxy);
            throw new EmbeddedS3Exception(
                    "Cannot open the S3 port %d on %s: %s; choose another with --s3-port"
                            .formatted(config.port(), config.host(), e.getMessage()),
                    e);
        }
        return new EmbeddedS3(config, proxy);
    }

    /// S3Proxy has no setting for these, and does not show its server.
    private static void guard(S3Proxy proxy, String writerKey, BooleanSupplier room)
            throws ReflectiveOperationException {
        Field field = S3Proxy.class.getDeclaredField("server");
        field.setAccessible(true);
        Server server = (Server) field.get(proxy);
        BodyDoor door = new BodyDoor(writerKey);
        door.setHandler(server.getHandler());
        server.setHandler(door);
        for (Connector connector : server.getConnectors()) {
            ((AbstractConnector) connector).setIdleTimeout(MAX_IDLE.toMillis());
            ((AbstractConnector) connector).addBean(new ConnectionDoor(room));
        }
    }

    /// What S3Proxy shows to requests that nobody signed: it would serve files that others on this
    /// machine may read.
    private static BlobStore nothing() {
        return (BlobStore)
                Proxy.newProxyInstance(
                        BlobStore.class.getClassLoader(),
                        new Class<?>[] {BlobStore.class},
                        (store, method, arguments) -> {
                            throw ReadOnlyBlobStore.denied("Sign the request with one of the keys");
                        });
    }

    public int port() {
        return proxy.getPort();
    }

    public URI endpoint() {
        return URI.create("http://%s:%d".formatted(config.host(), port()));
    }

    /// For Firn itself.
    public S3Config readWrite() {
        return config(config.readWrite());
    }

    /// For query engines: GET, HEAD and LIST only.
    public S3Config readOnly() {
        return config(config.readOnly());
    }

    private S3Config config(Identity who) {
        return new S3Config(
                endpoint(), REGION, config.bucket(), who.accessKey(), who.secretKey(), true);
    }

    @Override
    public void close() {
        stopQuietly(proxy);
    }

    private static void stopQuietly(S3Proxy proxy) {
        try {
            proxy.stop();
        } catch (Exception e) {
            org.slf4j.LoggerFactory.getLogger(EmbeddedS3.class)
                    .warn(
                            "Embedded S3 did not stop cleanly; every answered PUT is synced all the same",
                            e);
        }
    }
}
