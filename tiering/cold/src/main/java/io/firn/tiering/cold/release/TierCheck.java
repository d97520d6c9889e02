package io.firn.tiering.cold.release;

import io.firn.catalog.client.ColdExtent;
import io.firn.catalog.client.ColdSegment;
import io.firn.catalog.client.ColdState;
import io.firn.objectstore.ObjectInfo;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectStore;
import io.firn.tiering.cold.ColdSettings;
import io.firn.tiering.cold.TieringMetrics;
import io.firn.tiering.cold.load.BackfillThrottle;
import io.firn.tiering.cold.load.GroupLoader;
import io.firn.tiering.cold.load.GroupRef;
import io.firn.tiering.cold.read.SegmentJson;
import io.firn.tiering.cold.source.OffloadRange;
import io.firn.tiering.cold.source.OffloadSource;
import io.firn.tiering.cold.source.VerifiedRange;
import io.firn.tiering.table.DecodedBatches;
import io.firn.tiering.table.Recompression;
import io.firn.tiering.table.batch.ContentDigest;
import io.firn.tiering.table.column.SchemaLookup;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What must hold before a local copy may go (C4): the segment is committed as read back, its
/// leader epochs and its content are this log's, and each of its objects is there with the recorded
/// size.
public final class TierCheck {
    private static final Logger LOG = LoggerFactory.getLogger(TierCheck.class);

    private final ObjectStore store;
    private final TieringMetrics metrics;
    private final GroupLoader loader;

    public TierCheck(ObjectStore store, SchemaLookup schemas, TieringMetrics metrics) {
        this.store = store;
        this.metrics = metrics;
        this.loader =
                new GroupLoader(
                        store,
                        schemas,
                        new ColdSettings(0, 1, 1, 1, false, Recompression.NONE),
                        TieringMetrics.NONE,
                        new BackfillThrottle(System::nanoTime)); // always
    }

    /// Up to where the local log is safely in the table.
    ///
    /// @param from what was checked before
    /// @param proven content was compared up to here already, maybe before a restart
    /// @param encoded digests of local ranges that this process has encoded itself, by segment
    public long tieredEnd(
            OffloadSource source,
            ColdState state,
            long from,
            long proven,
            Map<UUID, byte[]> encoded) {
        long local = source.localLogStart();
        long end = from;
        for (ColdSegment segment : state.segments()) {
            if (segment.start() > Math.max(end, local)) { // what lies between is only here
                hole(source, Math.max(end, local), segment.start());
                break;
            }
            if (segment.end() <= Math.max(from, local)) {
                end = Math.max(end, segment.end());
            } else if (lineageMatches(source, segment, local)
                    && objectsAreThere(segment)
                    && (segment.end() <= proven
                            || contentMatches(source, state, segment, encoded))) {
                end = segment.end();
            } else {
                break;
            }
        }
        return end;
    }

    private void hole(OffloadSource source, long from, long to) {
        metrics.hole();
        LOG.error(
                "Local copies of {}-{} from {} on stay: the cold index has nothing of [{}, {}). Nothing is lost while they stay; if the catalog's Postgres was restored from a backup, see docs/operating",
                source.topic().topic(),
                source.partition(),
                from,
                from,
                to);
    }

    private boolean objectsAreThere(ColdSegment segment) {
        for (ColdExtent extent : segment.extents()) {
            Optional<ObjectInfo> info = store.head(ObjectKey.ofAddress(extent.path()));
            if (info.isEmpty() || info.get().size() != extent.size()) {
                metrics.objectMissing(extent.path());
                LOG.error(
                        "Local copies of [{}, {}) stay: {} should have {} bytes and has {}",
                        segment.start(),
                        segment.end(),
                        extent.path(),
                        extent.size(),
                        info.map(i -> Long.toString(i.size())).orElse("none"));
                return false;
            }
        }
        return true;
    }

    /// Compares the local bytes with the row's digest; where only a part of the segment is local,
    /// that part with what the table's rows make of it.
    private boolean contentMatches(
            OffloadSource source, ColdState state, ColdSegment segment, Map<UUID, byte[]> encoded) {
        byte[] known = encoded.get(segment.row().segmentUuid());
        if (known != null) {
            return same(source, segment, known, segment.row().contentDigest());
        }
        List<OffloadRange> closed = source.closed(segment.start());
        if (closed.isEmpty() || closed.getLast().end() < segment.end()) {
            return false; // a part is in the active segment, which does not go anyway
        }
        long first = closed.getFirst().start();
        if (first >= segment.end()) {
            return true; // nothing of it is here
        }
        return first <= segment.start()
                ? same(
                        source,
                        segment,
                        digest(verified(source, segment.start(), segment.end())),
                        segment.row().contentDigest())
                : same(
                        source,
                        segment,
                        digest(verified(source, first, segment.end())),
                        coldDigest(state, segment, first));
    }

    private boolean same(OffloadSource source, ColdSegment segment, byte[] local, byte[] cold) {
        if (Arrays.equals(local, cold)) {
            return true;
        }
        metrics.copyDiffers(source.topic(), source.partition());
        LOG.error(
                "Local copies of [{}, {}) of {}-{} stay: their content is not what the table has. Nothing is lost while they stay; compare the table with what consumers read, and keep a copy of both before you delete anything",
                segment.start(),
                segment.end(),
                source.topic().topic(),
                source.partition());
        return false;
    }

    private Iterable<ByteBuffer> verified(OffloadSource source, long start, long end) {
        return new VerifiedRange(source, start, end, metrics);
    }

    private static byte[] digest(Iterable<ByteBuffer> batches) {
        ContentDigest digest = new ContentDigest();
        batches.forEach(digest::update);
        return digest.digest();
    }

    /// @throws ColdUnavailableException when the store or the catalog is away
    private byte[] coldDigest(ColdState state, ColdSegment segment, long from) {
        ContentDigest digest = new ContentDigest();
        Iterator<GroupRef> groups = GroupRef.from(state, from, loader::index);
        while (groups.hasNext()) {
            GroupRef group = groups.next();
            if (group.at().firstOffset() >= segment.end()) {
                break;
            }
            loader.read(
                    group,
                    decoded -> {
                        for (DecodedBatches.Batch batch : decoded.batches()) {
                            if (batch.lastOffset() >= from && batch.baseOffset() < segment.end()) {
                                digest.update(
                                        decoded.bytes().slice(batch.position(), batch.size()));
                            }
                        }
                        return null;
                    });
        }
        return digest.digest();
    }

    /// A log that began inside the segment cannot tell all of its epochs; its content decides.
    private static boolean lineageMatches(
            OffloadSource source, ColdSegment segment, long localStart) {
        if (segment.start() < localStart) {
            return true;
        }
        List<SegmentJson.EpochStart> cold = SegmentJson.lineage(segment.row().epochLineageJson());
        List<SegmentJson.EpochStart> ours =
                SegmentJson.lineage(source.epochLineageJson(segment.start(), segment.end()));
        if (cold.isEmpty() || ours.isEmpty() || sameEpochs(cold, ours, segment.start())) {
            return true;
        }
        LOG.error(
                "Local copies of [{}, {}) of {}-{} stay: their leader epochs {} are not those of the table {}",
                segment.start(),
                segment.end(),
                source.topic().topic(),
                source.partition(),
                ours,
                cold);
        return false;
    }

    /// Equal from the segment's start on: where an epoch began before it does not matter.
    private static boolean sameEpochs(
            List<SegmentJson.EpochStart> a, List<SegmentJson.EpochStart> b, long start) {
        return clipped(a, start).equals(clipped(b, start));
    }

    private static List<SegmentJson.EpochStart> clipped(
            List<SegmentJson.EpochStart> epochs, long start) {
        return epochs.stream()
                .map(e -> new SegmentJson.EpochStart(e.epoch(), Math.max(start, e.startOffset())))
                .toList();
    }
}
