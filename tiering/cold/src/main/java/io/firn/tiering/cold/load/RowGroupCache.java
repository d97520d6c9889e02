package io.firn.tiering.cold.load;

import io.firn.tiering.table.DecodedBatches;

import org.jspecify.annotations.Nullable;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;

/// Decoded row groups, least recently used out first, within a budget of bytes. Readers who want
/// the same group at the same time share one load. The memory of a group that is out, and that
/// nobody reads any more, is used for another.
public final class RowGroupCache {
    /// A row group by where it lies; objects never change, so neither does what the key means.
    public record Key(String path, long position) {}

    private static final class Held {
        private final DecodedBatches group;
        private int readers;
        private boolean cached;

        Held(DecodedBatches group) {
            this.group = group;
        }

        /// What it keeps on the heap: the array behind its bytes may be larger than they are.
        public int bytes() {
            return group.bytes().array().length;
        }
    }

    private static final class Loading {
        private final CompletableFuture<Held> done = new CompletableFuture<>();
        private int readers = 1; // whoever loads
    }

    private final long budgetBytes;
    private final RecycledArrays arrays;
    private final LinkedHashMap<Key, Held> groups = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Key, Loading> loading = new LinkedHashMap<>();
    private long bytes;

    /// @param arrays where the arrays of groups come from and go to
    public RowGroupCache(long budgetBytes, RecycledArrays arrays) {
        this.budgetBytes = budgetBytes;
        this.arrays = arrays;
    }

    public synchronized boolean knows(Key key) {
        return groups.containsKey(key) || loading.containsKey(key);
    }

    public synchronized long bytes() {
        return bytes;
    }

    /// Does something with the group, which comes from the cache, from somebody's running load, or
    /// is loaded now on this thread.
    ///
    /// @param load gives a group in an array of its own
    /// @param use must not keep the group's bytes, which change when it is done
    <T> T read(Key key, Supplier<DecodedBatches> load, Function<DecodedBatches, T> use) {
        Held held = take(key, load);
        try {
            return use.apply(held.group);
        } finally {
            release(held);
        }
    }

    private Held take(Key key, Supplier<DecodedBatches> load) {
        Loading mine = new Loading();
        Loading running;
        synchronized (this) {
            Held there = groups.get(key);
            if (there != null) {
                there.readers++;
                return there;
            }
            running = loading.putIfAbsent(key, mine);
            if (running != null) {
                running.readers++;
            }
        }
        return running == null ? load(key, mine, load) : join(running.done);
    }

    private Held load(Key key, Loading mine, Supplier<DecodedBatches> load) {
        try {
            Held held = new Held(load.get());
            finish(key, mine, held);
            mine.done.complete(held);
            return held;
        } catch (Throwable t) {
            finish(key, mine, null);
            mine.done.completeExceptionally(t);
            throw t;
        }
    }

    private synchronized void finish(Key key, Loading mine, @Nullable Held held) {
        loading.remove(key);
        if (held == null) {
            return;
        }
        held.readers = mine.readers;
        if (held.bytes() > budgetBytes) {
            return;
        }
        held.cached = true;
        groups.put(key, held);
        bytes += held.bytes();
        Iterator<Held> eldest = groups.values().iterator();
        while (bytes > budgetBytes && eldest.hasNext()) {
            Held out = eldest.next();
            eldest.remove();
            bytes -= out.bytes();
            out.cached = false;
            recycleIfUnused(out);
        }
    }

    private synchronized void release(Held held) {
        held.readers--;
        recycleIfUnused(held);
    }

    private void recycleIfUnused(Held held) {
        if (!held.cached && held.readers == 0) {
            arrays.give(held.group.bytes().array());
        }
    }

    private static Held join(CompletableFuture<Held> running) {
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
