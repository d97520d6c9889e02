package io.firn.tiering.cold.read;

import io.firn.catalog.client.ColdExtent;
import io.firn.catalog.client.ColdSegment;
import io.firn.catalog.client.ColdState;
import io.firn.objectstore.ObjectMissingException;
import io.firn.tiering.cold.ColdUnavailableException;
import io.firn.tiering.cold.PartitionKey;
import io.firn.tiering.cold.TieringMetrics;
import io.firn.tiering.cold.load.GroupLoader;
import io.firn.tiering.cold.load.GroupRef;
import io.firn.tiering.cold.load.RecycledArrays;
import io.firn.tiering.cold.read.ColdRead.AbortedRange;
import io.firn.tiering.table.DecodedBatches;

import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/// Answers from the cold tier, on the caller's thread; blocks for catalog and object store.
final class ColdReader {
    /// Small row groups are joined until an answer is worth its round trip, but not for ever.
    private static final int MOST_GROUPS = 16;

    private static final int MOST_WALKED = 256 << 20; // unpacked bytes of one batch

    private final ColdIndex index;
    private final GroupLoader loader;
    private final TieringMetrics metrics;
    private final Consumer<GroupRef> readAhead;

    ColdReader(
            ColdIndex index,
            GroupLoader loader,
            TieringMetrics metrics,
            Consumer<GroupRef> readAhead) {
        this.index = index;
        this.loader = loader;
        this.metrics = metrics;
        this.readAhead = readAhead;
    }

    ColdRead read(PartitionKey key, long offset, int maxBytes) {
        return looking(
                key,
                index.covering(key, offset),
                state ->
                        read(
                                key,
                                inHole(state, offset) ? index.refresh(key, state) : state,
                                offset,
                                maxBytes));
    }

    private static boolean inHole(ColdState state, long offset) {
        return offset >= state.logStart()
                && offset < state.coldEnd()
                && coveredTo(state, offset) == offset;
    }

    /// Up to where the index has each offset from this one on, as far as one read looks; the offset
    /// itself where it has not even that.
    private static long coveredTo(ColdState state, long offset) {
        long end = offset;
        int looked = 0;
        for (ColdSegment segment : GroupRef.endingAbove(state, offset)) {
            for (ColdExtent extent : GroupRef.inOrder(segment)) {
                if (extent.start() > end || looked++ > MOST_GROUPS) {
                    return end;
                }
                end = Math.max(end, extent.end());
            }
        }
        return end;
    }

    private ColdRead read(PartitionKey key, ColdState state, long offset, int maxBytes) {
        if (offset >= state.coldEnd()) {
            return ColdRead.nothing(offset, state.coldEnd());
        }
        if (offset < state.logStart()) {
            // Retention has journaled this log start at the leader before the catalog heard of it.
            throw new OffsetOutOfRangeException(
                    "Offset %d of %s lies before the log start %d"
                            .formatted(offset, key, state.logStart()));
        }
        long covered = coveredTo(state, offset);
        if (covered == offset) {
            throw hole(key, state, offset);
        }
        Answer answer = new Answer(loader.arrays(), offset, maxBytes);
        int looked = 0;
        Iterator<GroupRef> groups = GroupRef.from(state, offset, loader::index);
        while (groups.hasNext() && answer.hasRoom() && (answer.isEmpty() || looked < MOST_GROUPS)) {
            GroupRef group = groups.next();
            if (group.at().firstOffset() >= covered) {
                break; // maybe behind a hole: the next read looks there
            }
            looked++;
            boolean whole = loader.read(group, decoded -> answer.add(group, decoded));
            if (!whole) {
                readAhead.accept(group); // its rest is the next answer
                break;
            }
        }
        if (groups.hasNext()) {
            readAhead.accept(groups.next());
        } else if (answer.isEmpty()) {
            answer.next = Math.max(answer.next, covered); // offsets without a record
        }
        metrics.coldRead(answer.bytes);
        ByteBuffer all = answer.joined();
        return new ColdRead(
                all.hasRemaining() ? MemoryRecords.readableRecords(all) : MemoryRecords.EMPTY,
                List.copyOf(answer.aborted),
                answer.next,
                state.coldEnd(),
                () -> loader.arrays().give(all.array()));
    }

    /// C4: offsets that are in no tier are lost, and nobody reads past that without a word. Who
    /// gives them up says so with DeleteRecords.
    private ColdUnavailableException hole(PartitionKey key, ColdState state, long offset) {
        long next =
                GroupRef.endingAbove(state, offset).stream()
                        .mapToLong(ColdSegment::start)
                        .filter(start -> start > offset)
                        .findFirst()
                        .orElse(state.coldEnd());
        metrics.hole();
        return new ColdUnavailableException(
                "Cannot read %s at offset %d: the cold index has nothing of [%d, %d). Restore the catalog's database, or give these records up with DeleteRecords before %d"
                        .formatted(key, offset, offset, next, next),
                null);
    }

    /// Copies of batches, since row groups stay with the cache (G7).
    private static final class Answer {
        private final RecycledArrays arrays;
        private final int maxBytes;
        private final List<ByteBuffer> parts = new ArrayList<>();
        private final Set<AbortedRange> aborted = new LinkedHashSet<>();
        private long next;
        private int bytes;

        Answer(RecycledArrays arrays, long offset, int maxBytes) {
            this.arrays = arrays;
            this.next = offset;
            this.maxBytes = maxBytes;
        }

        boolean isEmpty() {
            return bytes == 0;
        }

        boolean hasRoom() {
            return bytes == 0 || bytes < maxBytes;
        }

        /// Takes what fits: at least one batch for the first part, the others must fit whole.
        ///
        /// @return whether nothing of the group is left
        boolean add(GroupRef group, DecodedBatches decoded) {
            ByteBuffer part = decoded.from(next, maxBytes - bytes);
            if (bytes > 0 && part.remaining() > maxBytes - bytes) {
                return false;
            }
            if (part.hasRemaining()) {
                long first = next;
                next = endOf(decoded, next, part.remaining());
                parts.add(buffer(part.remaining()).put(part).flip());
                bytes += parts.getLast().remaining();
                addAborted(group.segment(), first, next, aborted);
            }
            if (bytes > 0 && next <= group.at().lastOffset()) {
                return false;
            }
            next = Math.max(next, group.at().lastOffset() + 1);
            return true;
        }

        /// All parts as one, in an array of its own.
        ByteBuffer joined() {
            if (parts.size() == 1) {
                return parts.getFirst();
            }
            ByteBuffer all = buffer(bytes);
            for (ByteBuffer part : parts) {
                all.put(part);
                arrays.give(part.array());
            }
            return all.flip();
        }

        private ByteBuffer buffer(int size) {
            return ByteBuffer.wrap(arrays.take(size), 0, size);
        }
    }

    /// One past the last offset of the batches that `DecodedBatches.from(offset, ...)` chose.
    private static long endOf(DecodedBatches decoded, long offset, int bytes) {
        int left = bytes;
        long end = offset;
        for (DecodedBatches.Batch b : decoded.batches()) {
            if (b.lastOffset() >= offset && left > 0) {
                left -= b.size();
                end = b.lastOffset() + 1;
            }
        }
        return end;
    }

    private static void addAborted(
            ColdSegment segment, long first, long next, Set<AbortedRange> to) {
        for (AbortedRange a : SegmentJson.aborted(segment.row().abortIndexJson())) {
            if (a.lastOffset() >= first && a.firstOffset() < next) {
                to.add(a);
            }
        }
    }

    /// The first record at or after `offsetFrom` whose timestamp is at least `timestamp` (C9).
    Optional<ColdTimestamp> atOrAfter(PartitionKey key, long timestamp, long offsetFrom) {
        return looking(
                key,
                index.state(key),
                state -> {
                    long from = Math.max(offsetFrom, state.logStart());
                    Iterator<GroupRef> groups = GroupRef.from(state, from, loader::index);
                    while (groups.hasNext()) {
                        GroupRef group = groups.next();
                        if (group.at().maxTimestamp() < timestamp
                                && group.at().maxTimestamp() >= 0) {
                            continue;
                        }
                        var found = loader.read(group, decoded -> first(decoded, timestamp, from));
                        if (found.isPresent()) {
                            return found;
                        }
                    }
                    return Optional.empty();
                });
    }

    private static Optional<ColdTimestamp> first(
            DecodedBatches decoded, long timestamp, long from) {
        for (RecordBatch each :
                MemoryRecords.readableRecords(decoded.bytes().duplicate()).batches()) {
            DefaultRecordBatch batch = (DefaultRecordBatch) each;
            if (batch.isControlBatch()
                    || batch.maxTimestamp() < timestamp
                    || batch.lastOffset() < from) {
                continue;
            }
            Optional<ColdTimestamp> found = inBatch(batch, timestamp, from);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /// One record at a time and without keys and values: a batch that was kept whole may unpack to
    /// anything. Where it lies, its own first offset is the answer.
    private static Optional<ColdTimestamp> inBatch(
            DefaultRecordBatch batch, long timestamp, long from) {
        int epoch = batch.partitionLeaderEpoch();
        long walked = 0;
        try (CloseableIterator<Record> records =
                batch.skipKeyValueIterator(BufferSupplier.NO_CACHING, MOST_WALKED)) {
            while (records.hasNext() && walked < MOST_WALKED) {
                Record record = records.next();
                walked += record.sizeInBytes();
                if (record.timestamp() >= timestamp && record.offset() >= from) {
                    return Optional.of(
                            new ColdTimestamp(record.timestamp(), record.offset(), epoch));
                }
            }
            if (walked < MOST_WALKED) {
                return Optional.empty();
            }
        } catch (RuntimeException lies) {
            // answered below
        }
        return Optional.of(
                new ColdTimestamp(batch.maxTimestamp(), Math.max(batch.baseOffset(), from), epoch));
    }

    /// The record with the largest timestamp among the cold offsets of `[from, to)`, the first of
    /// several (C9). The largest timestamps of segments and row groups are bounds only: markers of
    /// transactions count in them and are no records, and so may what lies outside.
    Optional<ColdTimestamp> maxTimestamp(PartitionKey key, long from, long to) {
        return looking(
                key,
                index.state(key),
                state -> {
                    long first = Math.max(from, state.logStart());
                    Optional<ColdTimestamp> best = Optional.empty();
                    for (ColdSegment segment : newestFirst(state, first, to)) {
                        if (mayBeat(best, segment.row().maxTimestamp(), segment.start())) {
                            best = newest(state, segment, first, to, best);
                        }
                    }
                    return best;
                });
    }

    private static List<ColdSegment> newestFirst(ColdState state, long from, long to) {
        return state.segments().stream()
                .filter(s -> s.end() > from && s.start() < to)
                .sorted(
                        Comparator.comparingLong((ColdSegment s) -> -s.row().maxTimestamp())
                                .thenComparingLong(ColdSegment::start))
                .toList();
    }

    private Optional<ColdTimestamp> newest(
            ColdState state,
            ColdSegment segment,
            long from,
            long to,
            Optional<ColdTimestamp> known) {
        var only =
                new ColdState(
                        state.coldEnd(), state.logStart(), state.generation(), List.of(segment));
        List<GroupRef> groups = new ArrayList<>();
        GroupRef.from(only, from, loader::index).forEachRemaining(groups::add);
        groups.sort(
                Comparator.comparingLong((GroupRef g) -> -g.at().maxTimestamp())
                        .thenComparingLong(g -> g.at().firstOffset()));
        Optional<ColdTimestamp> best = known;
        for (GroupRef group : groups) {
            if (group.at().firstOffset() < to
                    && mayBeat(best, group.at().maxTimestamp(), group.at().firstOffset())) {
                Optional<ColdTimestamp> before = best;
                best = loader.read(group, decoded -> newest(decoded, from, to, before));
            }
        }
        return best;
    }

    /// Whether something from `offset` on, with timestamps up to `bound`, can be newer, or the
    /// first of several.
    private static boolean mayBeat(Optional<ColdTimestamp> best, long bound, long offset) {
        return bound >= 0
                && (best.isEmpty()
                        || bound > best.get().timestamp()
                        || (bound == best.get().timestamp() && offset < best.get().offset()));
    }

    private static Optional<ColdTimestamp> newest(
            DecodedBatches decoded, long from, long to, Optional<ColdTimestamp> known) {
        Optional<ColdTimestamp> best = known;
        for (RecordBatch each :
                MemoryRecords.readableRecords(decoded.bytes().duplicate()).batches()) {
            DefaultRecordBatch batch = (DefaultRecordBatch) each;
            if (!batch.isControlBatch()
                    && batch.lastOffset() >= from
                    && batch.baseOffset() < to
                    && mayBeat(best, batch.maxTimestamp(), batch.baseOffset())) {
                best = newest(batch, from, to, best);
            }
        }
        return best;
    }

    /// One record at a time and without keys and values, as [#inBatch].
    private static Optional<ColdTimestamp> newest(
            DefaultRecordBatch batch, long from, long to, Optional<ColdTimestamp> known) {
        Optional<ColdTimestamp> best = known;
        long walked = 0;
        try (CloseableIterator<Record> records =
                batch.skipKeyValueIterator(BufferSupplier.NO_CACHING, MOST_WALKED)) {
            while (records.hasNext() && walked < MOST_WALKED) {
                Record record = records.next();
                walked += record.sizeInBytes();
                if (record.offset() >= from
                        && record.offset() < to
                        && mayBeat(best, record.timestamp(), record.offset())) {
                    best =
                            Optional.of(
                                    new ColdTimestamp(
                                            record.timestamp(),
                                            record.offset(),
                                            batch.partitionLeaderEpoch()));
                }
            }
        } catch (RuntimeException lies) {
            walked = MOST_WALKED; // its own figures are the answer
        }
        return walked < MOST_WALKED
                ? best
                : Optional.of(
                        new ColdTimestamp(
                                batch.maxTimestamp(),
                                Math.max(batch.baseOffset(), from),
                                batch.partitionLeaderEpoch()));
    }

    /// Highest epoch at or below `epoch` in the cold lineage (C8, C9, R5).
    Optional<ColdEpochEnd> endOfEpoch(PartitionKey key, int epoch) {
        ColdState state = index.state(key);
        SegmentJson.EpochStart best = null;
        long end = state.coldEnd();
        for (ColdSegment segment : state.segments()) {
            for (SegmentJson.EpochStart e : SegmentJson.lineage(segment.row().epochLineageJson())) {
                if (e.epoch() <= epoch) {
                    best = best == null || e.epoch() > best.epoch() ? e : best;
                } else {
                    return best == null
                            ? Optional.empty()
                            : Optional.of(new ColdEpochEnd(best.epoch(), e.startOffset(), false));
                }
            }
        }
        return best == null
                ? Optional.empty()
                : Optional.of(new ColdEpochEnd(best.epoch(), end, true));
    }

    /// Runs `work`; when an object is missing, looks the index up again and tries once more (C5).
    private <T> T looking(PartitionKey key, ColdState state, Function<ColdState, T> work) {
        try {
            return work.apply(state);
        } catch (ObjectMissingException first) {
            try {
                return work.apply(index.refresh(key, state));
            } catch (ObjectMissingException again) {
                metrics.objectMissing(again.getMessage() == null ? "" : again.getMessage());
                throw new ColdUnavailableException(
                        "Cannot read %s: an object that the cold index names is missing. Restore it in the object store from a copy or a former version; records in other objects stay readable (%s)"
                                .formatted(key, again.getMessage()),
                        again);
            }
        }
    }
}
