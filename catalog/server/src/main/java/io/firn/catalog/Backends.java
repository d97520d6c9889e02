package io.firn.catalog;

import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.StoreUnavailableException;
import io.firn.objectstore.ObjectStore;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.function.Supplier;

/// Postgres and the object store, opened in the background: both may come up after the catalog.
public final class Backends implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Backends.class);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Thread opener;
    private volatile @Nullable CatalogStore store;
    private volatile @Nullable ObjectStore objects;

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

    /// @throws StoreUnavailableException until Postgres has answered once
    public CatalogStore store() {
        CatalogStore now = store;
        if (now == null) {
            throw new StoreUnavailableException("The catalog's Postgres has not answered yet");
        }
        return now;
    }

    /// @throws StoreUnavailableException until the object store has answered once
    public ObjectStore objects() {
        ObjectStore now = objects;
        if (now == null) {
            throw new StoreUnavailableException("The catalog's object store has not answered yet");
        }
        return now;
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
