package io.firn.catalog;

import io.firn.catalog.client.HttpCatalogClient;
import io.firn.catalog.store.embedded.EmbeddedPostgresServer;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.S3Config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// A catalog and a Postgres of a test's own, which can be stopped, started, backed up and restored.
final class OwnCatalog implements AutoCloseable {
    private final Path folder;
    private final ObjectStore objects;
    private final CatalogConfig.Timing timing;
    private EmbeddedPostgresServer postgres;
    private CatalogServer server;

    OwnCatalog(Path folder, ObjectStore objects, CatalogConfig.Timing timing) throws Exception {
        this.folder = folder;
        this.objects = objects;
        this.timing = timing;
        start();
    }

    void start() throws Exception {
        postgres =
                EmbeddedPostgresServer.start(
                        folder.resolve("postgres"), folder.resolve("password"), 0);
        server =
                CatalogServer.start(
                        new CatalogConfig(
                                "127.0.0.1",
                                0,
                                postgres::config,
                                () -> objects,
                                new S3Config(
                                        URI.create("http://127.0.0.1:9000"),
                                        "us-east-1",
                                        "lake",
                                        "reader",
                                        "secret",
                                        true),
                                TestCatalog.KEY,
                                timing));
        while (!server.ready()) {
            Thread.sleep(50);
        }
    }

    void stop() {
        server.close();
        postgres.close();
    }

    /// With everything stopped.
    void backUp(Path to) {
        copy(folder.resolve("postgres/data"), to);
    }

    /// With everything stopped.
    void restore(Path from) {
        Path data = folder.resolve("postgres/data");
        delete(data);
        copy(from, data);
    }

    CatalogServer server() {
        return server;
    }

    HttpCatalogClient client() {
        return new HttpCatalogClient(
                URI.create("http://127.0.0.1:" + server.port()), TestCatalog.KEY);
    }

    @Override
    public void close() {
        stop();
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Files.copy(
                        path,
                        to.resolve(from.relativize(path)),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
            ownAsFirst(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// As root the server runs as somebody else, whose files these must be.
    private static void ownAsFirst(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(to)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Files.setOwner(path, Files.getOwner(from));
            }
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
