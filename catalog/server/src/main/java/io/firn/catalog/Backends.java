package io.firn.catalog;

import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.sql.BackendUnavailableException;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.Reachability;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/// Postgres and the object store, opened in the background: both may come up after the catalog.
public final class Backends implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Backends.class);
    /// Nothing has this name; a store that answers says so.
    private static final ObjectKey PROBE = new ObjectKey("firn-health");

    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Thread opener;
    private volatile @Nullable CatalogStore store;
    private volatile @Nullable ObjectStore objects;
    private final Reachability reachable =
            new Reachability("the object store", () -> objects().head(PROBE));

    Backends(CatalogConfig config) {
        opener =
                Thread.ofVirtual()
                        .name("catalog-backends")
                        .start(
                                () -> {
                                    store =
                                            open(
                                                    "Postgres",
                                                    () ->
                                                            CatalogStore.open(
                                                                    config.database().get()));
                                    objects = open("object store", config.objects());
                                });
    }

    private static <T> @Nullable T open(String what, Supplier<T> opening) {
        String last = "";
        while (!Thread.currentThread().isInterrupted()) {
            try {
                T opened = opening.get();
                LOG.info("Catalog reached its {}", what);
                return opened;
            } catch (RuntimeException e) {
                String message = String.valueOf(e.getMessage());
                if (!message.equals(last)) {
                    LOG.warn("Catalog waits for its {}: {}", what, message);
                    last = message;
                }
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                return null;
            }
        }
        return null;
    }

    /// @throws BackendUnavailableException until Postgres has answered once
    public CatalogStore store() {
        CatalogStore now = store;
        if (now == null) {
            throw new BackendUnavailableException("The catalog's Postgres has not answered yet");
        }
        return now;
    }

    /// @throws BackendUnavailableException until the object store has answered once
    public ObjectStore objects() {
        ObjectStore now = objects;
        if (now == null) {
            throw new BackendUnavailableException(
                    "The catalog's object store has not answered yet");
        }
        return now;
    }

    /// Why Postgres cannot be used now, in words; without it the catalog serves nothing.
    public Optional<String> postgresTrouble() {
        CatalogStore now = store;
        if (now == null) {
            return Optional.of("Postgres has not answered yet");
        }
        return now.answers() ? Optional.empty() : Optional.of("Postgres does not answer");
    }

    /// Why the object store cannot be reached now: commits and maintenance wait for it, the rest
    /// goes on.
    public Optional<String> objectsTrouble() {
        return objects == null
                ? Optional.of("the object store has not answered yet")
                : reachable.get();
    }

    public boolean ready() {
        return store != null && objects != null;
    }

    @Override
    public void close() {
        opener.interrupt();
        try {
            opener.join(Duration.ofSeconds(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        CatalogStore openStore = store;
        if (openStore != null) {
            openStore.close();
        }
        ObjectStore openObjects = objects;
        if (openObjects != null) {
            openObjects.close();
        }
    }
}
