package io.firn.log.partition;

import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.ProducerAppendInfo;
import org.apache.kafka.storage.internals.log.ProducerStateEntry;
import org.apache.kafka.storage.internals.log.ProducerStateManager;
import org.apache.kafka.storage.internals.log.UnifiedLog;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Gives the producer state back the last batches of each producer after a log was opened (I13). A
/// snapshot keeps one batch a producer, but a producer may have five in flight: when the broker was
/// killed after it had written them and before it had answered, they all come again, and each must
/// be known as a duplicate. Otherwise the first is out of order, the client begins a new epoch, and
/// every one is stored twice.
final class RecentBatches {
    /// As many as Kafka's producers have in flight at most when they are idempotent.
    private static final int KEPT = ProducerStateEntry.NUM_BATCHES_TO_RETAIN;

    /// How far back from the log end we look, at most, in bytes of a segment.
    private static final int TAIL_BYTES = 4 << 20;

    private RecentBatches() {}

    /// Reads the headers at the end of the last two segments: batches in flight may lie on both
    /// sides of a roll.
    static void reload(UnifiedLog log) {
        List<LogSegment> segments = List.copyOf(log.logSegments());
        Map<Long, Deque<RecordBatch>> recent = new HashMap<>();
        ProducerStateManager state = log.producerStateManager();
        for (LogSegment segment :
                segments.subList(Math.max(0, segments.size() - 2), segments.size())) {
            collect(segment, state, recent);
        }
        recent.forEach((producerId, batches) -> complete(state, producerId, batches));
    }

    private static void collect(
            LogSegment segment, ProducerStateManager state, Map<Long, Deque<RecordBatch>> recent) {
        for (RecordBatch batch : segment.log().batchesFrom(tailPosition(segment))) {
            // Transactional batches come again only within their transaction, whose state is whole;
            // and of who is not known (G7) nothing is completed.
            if (!batch.hasProducerId()
                    || batch.isTransactional()
                    || state.lastEntry(batch.producerId()).isEmpty()) {
                continue;
            }
            Deque<RecordBatch> kept =
                    recent.computeIfAbsent(batch.producerId(), id -> new ArrayDeque<>());
            RecordBatch last = kept.peekLast();
            if (last != null && last.producerEpoch() != batch.producerEpoch()) {
                kept.clear();
            }
            kept.add(batch);
            if (kept.size() > KEPT) {
                kept.removeFirst();
            }
        }
    }

    /// A position where a batch begins, not more than [#TAIL_BYTES] and an index interval before
    /// the segment's end.
    private static int tailPosition(LogSegment segment) {
        int wanted = segment.size() - TAIL_BYTES;
        if (wanted <= 0) {
            return 0;
        }
        try {
            var index = segment.offsetIndex();
            int low = 0;
            int high = index.entries() - 1;
            int found = 0;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                int position = index.entry(middle).position();
                if (position <= wanted) {
                    found = position;
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return found;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// Adds what the snapshot left out; the oldest falls out at the front as with live appends.
    private static void complete(
            ProducerStateManager state, long producerId, Deque<RecordBatch> batches) {
        ProducerStateEntry entry = state.lastEntry(producerId).orElse(null);
        RecordBatch last = batches.getLast();
        if (entry == null
                || last.producerEpoch() != entry.producerEpoch()
                || last.lastOffset() != entry.lastDataOffset()
                || batches.size() <= entry.batchMetadata().size()) {
            return;
        }
        ProducerAppendInfo again = state.prepareUpdate(producerId, AppendOrigin.REPLICATION);
        for (RecordBatch batch : batches) {
            again.append(batch, Optional.empty());
        }
        state.update(again);
    }
}
