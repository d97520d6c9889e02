package io.firn.tiering.cold.load;

import io.firn.catalog.client.CatalogException;
import io.firn.catalog.client.ColdExtent;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectMissingException;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.ObjectStoreException;
import io.firn.tiering.cold.ColdSettings;
import io.firn.tiering.cold.ColdUnavailableException;
import io.firn.tiering.cold.TieringMetrics;
import io.firn.tiering.table.DecodedBatches;
import io.firn.tiering.table.SegmentDecoder;
import io.firn.tiering.table.column.SchemaLookup;
import io.firn.tiering.table.file.SeekIndex;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;

/// Fetches and decodes row groups: one ranged GET each, a bounded number at a time. Fewer still
/// decode at once, since that is pure computation, and a backfill must leave processors to those
/// who produce and read the hot end ([BackgroundThreads]); who waits for the store does not count.
public final class GroupLoader {
    private static final int PARSED_INDEXES = 4_096;
    private static final int IDLE_ARRAYS = 4; // a fourth as much as the cache

    private final ObjectStore store;
    private final SchemaLookup schemas;
    private final ColdSettings settings;
    private final TieringMetrics metrics;
    private final RecycledArrays arrays;
    private final RowGroupCache cache;
    private final Semaphore decoders;
    private final BackfillThrottle throttle;
    private final ArrayDeque<SegmentDecoder> idleDecoders = new ArrayDeque<>(); // warmest last
    private final BackgroundThreads threads;
    private final Map<String, SeekIndex> indexes =
            Collections.synchronizedMap(
                    new LinkedHashMap<>(16, 0.75f, true) {
                        @Override
                        protected boolean removeEldestEntry(Map.Entry<String, SeekIndex> eldest) {
                            return size() > PARSED_INDEXES;
                        }
                    });

    public GroupLoader(
            ObjectStore store,
            SchemaLookup schemas,
            ColdSettings settings,
            TieringMetrics metrics,
            BackfillThrottle throttle) {
        this.throttle = throttle;
        this.store = store;
        this.schemas = id -> waiting(() -> schemas.avroText(id));
        this.settings = settings;
        this.metrics = metrics;
        this.arrays = new RecycledArrays(settings.cacheBytes() / IDLE_ARRAYS);
        this.cache = new RowGroupCache(settings.cacheBytes(), arrays);
        this.decoders = new Semaphore(settings.decoders(), true);
        this.threads = new BackgroundThreads("firn-cold-read", settings.parallel());
    }

    public SeekIndex index(ColdExtent extent) {
        return indexes.computeIfAbsent(
                extent.path() + "@" + extent.start(), k -> SeekIndex.parse(extent.seekIndexJson()));
    }

    /// Does something with the row group's batches.
    ///
    /// @param use must not keep their bytes, which change when it is done
    /// @throws ObjectMissingException when the store has no such object: look again, then once more
    ///     (C5)
    public <T> T read(GroupRef ref, Function<DecodedBatches, T> use) {
        if (cache.knows(ref.key())) {
            metrics.cacheHit();
        } else {
            metrics.cacheMiss();
        }
        return cache.read(ref.key(), () -> fetch(ref), use);
    }

    /// Brings it into the cache.
    public void load(GroupRef ref) {
        read(ref, decoded -> true);
    }

    /// True when loading it now would take neither a thread that a reader waits for nor work twice.
    public boolean worthReadingAhead(GroupRef ref) {
        return settings.readAhead() && !cache.knows(ref.key()) && threads.spare() > 1;
    }

    public long cachedBytes() {
        return cache.bytes();
    }

    /// Memory for what leaves the cache.
    public RecycledArrays arrays() {
        return arrays;
    }

    private DecodedBatches fetch(GroupRef ref) {
        try {
            return threads.await(() -> decode(ref));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ColdUnavailableException("Interrupted while reading " + ref.key(), e);
        } catch (ObjectMissingException e) {
            throw e;
        } catch (ObjectStoreException | CatalogException e) {
            throw new ColdUnavailableException(
                    "Cannot read offsets %d to %d from %s now; try again (%s)"
                            .formatted(
                                    ref.at().firstOffset(),
                                    ref.at().lastOffset(),
                                    ref.extent().path(),
                                    e.getMessage()),
                    e);
        } catch (ColdUnavailableException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new ColdUnavailableException(
                    "Cannot decode the row group at %d of %s: the object is damaged. Restore it from a copy or another version in the object store (%s)"
                            .formatted(ref.at().position(), ref.extent().path(), e),
                    e);
        }
    }

    private DecodedBatches decode(GroupRef ref) {
        int length = ref.at().length();
        byte[] array = arrays.take(length);
        ByteBuffer fetched = ByteBuffer.wrap(array, 0, length).slice();
        store.read(ObjectKey.ofAddress(ref.extent().path()), ref.at().position(), fetched.slice());
        metrics.coldFetched(length);
        decoders.acquireUninterruptibly();
        try {
            throttle.await();
            long begun = System.nanoTime();
            SegmentDecoder decoder = takeDecoder();
            DecodedBatches decoded =
                    decoder.decode(fetched, ref.index(), ref.group(), arrays::take);
            giveBack(decoder);
            arrays.give(array);
            throttle.worked(System.nanoTime() - begun);
            return decoded;
        } finally {
            decoders.release();
        }
    }

    private synchronized SegmentDecoder takeDecoder() {
        SegmentDecoder idle = idleDecoders.pollLast();
        return idle != null ? idle : new SegmentDecoder(schemas, settings.wire());
    }

    private synchronized void giveBack(SegmentDecoder decoder) {
        if (idleDecoders.size() < settings.decoders()
                && decoder.keptBytes() <= settings.cacheBytes() / settings.decoders()) {
            idleDecoders.addLast(decoder);
        }
    }

    /// For a wait within a decode: somebody else may compute meanwhile.
    private <T> T waiting(Supplier<T> call) {
        decoders.release();
        try {
            return call.get();
        } finally {
            decoders.acquireUninterruptibly();
        }
    }
}
