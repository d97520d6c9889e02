package io.firn.objectstore.embedded;

import io.firn.objectstore.S3Config;

import org.gaul.s3proxy.AccessGrant;
import org.gaul.s3proxy.BlobStoreLocator;
import org.gaul.s3proxy.S3ProxyServlet;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.gaul.shaded.org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.gaul.shaded.org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.gaul.shaded.org.eclipse.jetty.http.HttpCompliance;
import org.gaul.shaded.org.eclipse.jetty.http.UriCompliance;
import org.gaul.shaded.org.eclipse.jetty.server.HttpConfiguration;
import org.gaul.shaded.org.eclipse.jetty.server.HttpConnectionFactory;
import org.gaul.shaded.org.eclipse.jetty.server.Server;
import org.gaul.shaded.org.eclipse.jetty.server.ServerConnector;
import org.gaul.shaded.org.eclipse.jetty.server.handler.GracefulHandler;
import org.gaul.shaded.org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
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

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedS3.class);
    static final Duration MAX_IDLE = Duration.ofSeconds(30);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(2);
    static final int MOST_THREADS = 64;

    /// Of a body that is held whole; as large as engines' parts of an upload become.
    static final long MOST_HELD_BYTES = 128L << 20;

    /// Of a part that is signed by itself. Most clients send 64 KiB to 1 MiB, those of AWS's C
    /// library a whole part of an upload.
    static final int MOST_PART_BYTES = 16 << 20;

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
    private final Server server;
    private final ServerConnector connector;

    private EmbeddedS3(Config config, Server server, ServerConnector connector) {
        this.config = config;
        this.server = server;
        this.connector = connector;
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
        BlobStoreLocator grants =
                (identity, container, blob) -> {
                    if (config.readWrite().accessKey().equals(identity)) {
                        return writing;
                    }
                    return config.readOnly().accessKey().equals(identity) ? reading : null;
                };
        QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS);
        threads.setName("s3");
        Server server = new Server(threads);
        ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http()));
        connector.setHost(config.host());
        connector.setPort(config.port());
        connector.setIdleTimeout(MAX_IDLE.toMillis());
        connector.addBean(new ConnectionDoor(room));
        server.addConnector(connector);
        BodyDoor door =
                new BodyDoor(config.readWrite().accessKey(), mostHeldBytes(), MOST_PART_BYTES);
        door.setHandler(new GracefulHandler(s3(config.readWrite(), grants)));
        server.setHandler(door);
        server.setErrorHandler(S3ProxyServlet.errors());
        server.setStopTimeout(STOP_TIMEOUT.toMillis());
        try {
            server.start();
        } catch (Exception e) {
            stopQuietly(server);
            throw new EmbeddedS3Exception(
                    "Cannot open the S3 port %d on %s: %s; choose another with --s3-port"
                            .formatted(config.port(), config.host(), e.getMessage()),
                    e);
        }
        return new EmbeddedS3(config, server, connector);
    }

    /// What bodies that are held whole take together, and parts of others again. A whole one stands
    /// twice for a moment, in the pieces that came and as what is made of them.
    static long mostHeldBytes() {
        return Runtime.getRuntime().maxMemory() / 8;
    }

    private static ServletContextHandler s3(Identity anyKey, BlobStoreLocator grants) {
        ServletContextHandler context = new ServletContextHandler();
        context.addServlet(
                new ServletHolder(
                        S3ProxyServlet.over(
                                nothing(),
                                grants,
                                anyKey.accessKey(),
                                anyKey.secretKey(),
                                Math.min(MOST_HELD_BYTES, mostHeldBytes()),
                                MOST_PART_BYTES)),
                "/*");
        return context;
    }

    /// Names of objects come as their clients write them, with all that S3 allows.
    private static HttpConfiguration http() {
        HttpConfiguration http = new HttpConfiguration();
        http.setHttpCompliance(HttpCompliance.LEGACY);
        http.setUriCompliance(UriCompliance.LEGACY);
        http.setHeaderCacheCaseSensitive(true);
        http.setSendServerVersion(false);
        return http;
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
        return connector.getLocalPort();
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
        stopQuietly(server);
    }

    private static void stopQuietly(Server server) {
        try {
            server.stop();
        } catch (Exception e) {
            LOG.warn(
                    "Embedded S3 did not stop cleanly; every answered PUT is synced all the same",
                    e);
        }
    }
}
