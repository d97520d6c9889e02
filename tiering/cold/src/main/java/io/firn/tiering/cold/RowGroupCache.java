package io.firn.tiering.cold;

import io.firn.tiering.table.DecodedBatches;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/// Decoded row groups, least recently used out first, within a budget of bytes. Readers who want
/// the same group at the same time share one load.
final class RowGroupCache {
    /// A row group by where it lies; objects never change, so neither does what the key means.
    record Key(String path, long position) {}

    private final long budgetBytes;
    private final LinkedHashMap<Key, DecodedBatches> groups = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Key, CompletableFuture<DecodedBatches>> loading = new LinkedHashMap<>();
    private long bytes;

    RowGroupCache(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    synchronized Optional<DecodedBatches> cached(Key key) {
        return Optional.ofNullable(groups.get(key));
    }

    synchronized boolean knows(Key key) {
        return groups.containsKey(key) || loading.containsKey(key);
    }

    synchronized long bytes() {
        return bytes;
    }

    /// The group from the cache, from somebody's running load, or loaded now on this thread.
    DecodedBatches get(Key key, Supplier<DecodedBatches> load) {
        CompletableFuture<DecodedBatches> mine = new CompletableFuture<>();
        CompletableFuture<DecodedBatches> running;
        synchronized (this) {
            DecodedBatches there = groups.get(key);
            if (there != null) {
                return there;
            }
            running = loading.putIfAbsent(key, mine);
        }
        if (running != null) {
            return join(running);
        }
        try {
            DecodedBatches loaded = load.get();
            finish(key, loaded);
            mine.complete(loaded);
            return loaded;
        } catch (Throwable t) {
            finish(key, null);
            mine.completeExceptionally(t);
            throw t;
        }
    }

    private synchronized void finish(Key key, @Nullable DecodedBatches loaded) {
        loading.remove(key);
        if (loaded == null || held(loaded) > budgetBytes) {
            return;
        }
        groups.put(key, loaded);
        bytes += held(loaded);
        Iterator<DecodedBatches> eldest = groups.values().iterator();
        while (bytes > budgetBytes && eldest.hasNext()) {
            bytes -= held(eldest.next());
            eldest.remove();
        }
    }

    /// What a group keeps on the heap: the array behind its bytes may be larger than they are.
    private static long held(DecodedBatches group) {
        ByteBuffer bytes = group.bytes();
        return bytes.hasArray() ? bytes.array().length : bytes.capacity();
    }

    private static DecodedBatches join(CompletableFuture<DecodedBatches> running) {
        try {
            return running.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
