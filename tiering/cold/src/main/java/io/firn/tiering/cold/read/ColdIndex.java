package io.firn.tiering.cold.read;

import io.firn.catalog.client.CatalogClient;
import io.firn.catalog.client.CatalogException;
import io.firn.catalog.client.ColdState;
import io.firn.tiering.cold.ColdUnavailableException;
import io.firn.tiering.cold.PartitionKey;

import org.jspecify.annotations.Nullable;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Which segments of a partition are cold, as the catalog said last. Known state is believed until
/// an offset or an object is not where it says; so reads go on while the catalog is away (C11).
final class ColdIndex {
    private final CatalogClient catalog;
    private final ConcurrentHashMap<PartitionKey, ColdState> states = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<PartitionKey, Object> refreshing = new ConcurrentHashMap<>();

    ColdIndex(CatalogClient catalog) {
        this.catalog = catalog;
    }

    /// What is known without asking anybody.
    Optional<ColdState> cached(PartitionKey key) {
        return Optional.ofNullable(states.get(key));
    }

    /// The known state, asked for when there is none.
    ColdState state(PartitionKey key) {
        ColdState known = states.get(key);
        return known != null ? known : refresh(key, null);
    }

    /// The known state if it reaches beyond `offset`, else the newest.
    ColdState covering(PartitionKey key, long offset) {
        ColdState known = states.get(key);
        return known != null && offset < known.coldEnd() ? known : refresh(key, known);
    }

    /// A newer state than `seen`. Readers of one partition who ask together share one answer.
    ColdState refresh(PartitionKey key, @Nullable ColdState seen) {
        synchronized (refreshing.computeIfAbsent(key, k -> new Object())) {
            ColdState known = states.get(key);
            if (known != null && known != seen) {
                return known; // somebody else has just asked
            }
            try {
                ColdState now =
                        known == null
                                ? catalog.coldState(key.topicId(), key.partition())
                                : catalog.coldStateSince(
                                                key.topicId(), key.partition(), known.generation())
                                        .orElse(known);
                states.put(key, now);
                return now;
            } catch (CatalogException e) {
                throw new ColdUnavailableException(
                        "Cannot look up the cold index of %s now; try again (%s)"
                                .formatted(key, e.getMessage()),
                        e);
            }
        }
    }

    /// Takes over what somebody has just read from the catalog.
    void learned(PartitionKey key, ColdState state) {
        states.merge(key, state, (old, now) -> now.generation() >= old.generation() ? now : old);
    }

    void forget(PartitionKey key) {
        states.remove(key);
        refreshing.remove(key);
    }
}
