package io.firn.tiering.cold;

import io.firn.catalog.client.ColdExtent;
import io.firn.catalog.client.ColdSegment;
import io.firn.catalog.client.ColdState;
import io.firn.objectstore.ObjectInfo;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectStore;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Optional;

/// What must hold before a local copy may go (C4): the segment is committed as read back, its
/// leader epochs are this log's, and each of its objects is there with the recorded size.
final class TierCheck {
    private static final Logger LOG = LoggerFactory.getLogger(TierCheck.class);

    private final ObjectStore store;
    private final TieringMetrics metrics;

    TierCheck(ObjectStore store, TieringMetrics metrics) {
        this.store = store;
        this.metrics = metrics;
    }

    /// Up to where the local log is safely in the table.
    ///
    /// @param from what was checked before
    long tieredEnd(OffloadSource source, ColdState state, long from) {
        long local = source.localLogStart();
        long end = from;
        for (ColdSegment segment : state.segments()) {
            if (segment.end() <= Math.max(from, local)) {
                end = Math.max(end, segment.end());
            } else if (lineageMatches(source, segment, local) && objectsAreThere(segment)) {
                end = segment.end();
            } else {
                break;
            }
        }
        return end;
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

    /// A log that began inside the segment cannot tell all of its epochs; offsets decide there.
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
