package io.firn.log.partition;

import io.firn.log.AbortedTxn;
import io.firn.log.ActiveProducer;
import io.firn.log.ActiveSegment;
import io.firn.log.ClosedSegment;
import io.firn.log.EpochEntry;
import io.firn.log.Isolation;
import io.firn.log.LogRead;
import io.firn.log.TimestampOffset;
import io.firn.log.segment.SegmentChannel;
import io.firn.log.segment.SegmentRecords;

import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.Records;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;
import org.apache.kafka.server.storage.log.FetchIsolation;
import org.apache.kafka.storage.internals.log.FetchDataInfo;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.UnifiedLog;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What readers ask of a log; everything through `UnifiedLog`.
final class LogReads {
    private LogReads() {}

    static LogRead read(
            OwnedLog log, long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        // L1: files that closed between look-up and read are looked up again.
        for (int attempt = 0; ; attempt++) {
            UnifiedLog files = log.life.files();
            try {
                return read(log, files, offset, maxBytes, atLeastOneBatch, isolation);
            } catch (IOException | KafkaStorageException e) {
                if (attempt > 2 || log.life.openFiles() == files) {
                    throw new KafkaStorageException(
                            "Cannot read %s at offset %d".formatted(log.name(), offset), e);
                }
            }
        }
    }

    private static LogRead read(
            OwnedLog log,
            UnifiedLog files,
            long offset,
            int maxBytes,
            boolean atLeastOneBatch,
            Isolation isolation)
            throws IOException {
        long local = files.localLogStartOffset();
        // The durable end is never above the high watermark while this is the only replica (R6).
        long limit = isolation == Isolation.COMMITTED ? files.lastStableOffset() : log.durableEnd();
        if (offset < Math.max(local, files.logStartOffset())
                || offset > Math.max(limit, log.durableEnd())) {
            throw new OffsetOutOfRangeException(
                    "Offset %d of %s is outside [%d, %d]"
                            .formatted(
                                    offset,
                                    log.name(),
                                    Math.max(local, files.logStartOffset()),
                                    log.durableEnd()));
        }
        if (offset >= limit) {
            return answer(
                    log,
                    files,
                    new FetchDataInfo(
                            new org.apache.kafka.storage.internals.log.LogOffsetMetadata(offset),
                            MemoryRecords.EMPTY));
        }
        FetchIsolation kafka =
                isolation == Isolation.COMMITTED
                        ? FetchIsolation.TXN_COMMITTED
                        : FetchIsolation.HIGH_WATERMARK;
        return answer(log, files, files.read(offset, maxBytes, kafka, atLeastOneBatch));
    }

    private static LogRead answer(OwnedLog log, UnifiedLog files, FetchDataInfo data) {
        List<AbortedTxn> aborted =
                data.abortedTransactions
                        .map(
                                list ->
                                        list.stream()
                                                .map(
                                                        t ->
                                                                new AbortedTxn(
                                                                        t.producerId(),
                                                                        t.firstOffset(),
                                                                        -1,
                                                                        -1))
                                                .toList())
                        .orElse(List.of());
        return new LogRead(
                records(data),
                aborted,
                log.highWatermark(),
                files.lastStableOffset(),
                files.logStartOffset(),
                files.localLogStartOffset());
    }

    private static Records records(FetchDataInfo data) {
        return data.records instanceof FileRecords slice
                        && slice.channel() instanceof SegmentChannel channel
                ? new SegmentRecords(
                        slice, channel, data.fetchOffsetMetadata.relativePositionInSegment)
                : data.records;
    }

    static Optional<TimestampOffset> offsetForTimestamp(
            UnifiedLog files, long timestamp, long limit) {
        try {
            long start = Math.max(files.logStartOffset(), files.localLogStartOffset());
            for (LogSegment segment : files.logSegments()) {
                if (segment.largestTimestamp() < timestamp) {
                    continue;
                }
                var found = segment.findOffsetByTimestamp(timestamp, start, Integer.MAX_VALUE);
                if (found.isPresent()) {
                    var at = found.get();
                    return at.offset >= limit
                            ? Optional.empty()
                            : Optional.of(
                                    new TimestampOffset(
                                            at.timestamp, at.offset, at.leaderEpoch.orElse(-1)));
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new KafkaStorageException("Cannot look for a timestamp in " + files.name(), e);
        }
    }

    /// The newest record in `[log start, limit)`.
    static TimestampOffset maxTimestamp(UnifiedLog files, long limit) {
        try {
            long start = Math.max(files.logStartOffset(), files.localLogStartOffset());
            TimestampOffset best = TimestampOffset.NONE;
            List<LogSegment> segments = files.logSegments();
            for (int i = 0; i < segments.size(); i++) {
                LogSegment segment = segments.get(i);
                long max = segment.readMaxTimestampAndOffsetSoFar().timestamp();
                boolean deleted =
                        i + 1 < segments.size() && segments.get(i + 1).baseOffset() <= start;
                if (max <= best.timestamp() || deleted) {
                    continue;
                }
                var at =
                        segment.findOffsetByTimestamp(max, segment.baseOffset(), Integer.MAX_VALUE);
                if (at.isPresent() && at.get().offset >= start && at.get().offset < limit) {
                    best =
                            new TimestampOffset(
                                    at.get().timestamp,
                                    at.get().offset,
                                    at.get().leaderEpoch.orElse(-1));
                } else {
                    best = newest(segment, start, limit, best);
                }
            }
            return best;
        } catch (IOException e) {
            throw new KafkaStorageException(
                    "Cannot look for the largest timestamp in " + files.name(), e);
        }
    }

    /// Looks at the records themselves: what the index has for the newest is not to be seen,
    /// deleted or not durable yet.
    private static TimestampOffset newest(
            LogSegment segment, long start, long limit, TimestampOffset known) {
        TimestampOffset best = known;
        for (RecordBatch batch : segment.log().batches()) {
            if (batch.baseOffset() >= limit) {
                break;
            }
            if (batch.lastOffset() < start || batch.maxTimestamp() <= best.timestamp()) {
                continue;
            }
            try (CloseableIterator<Record> records =
                    batch.streamingIterator(BufferSupplier.NO_CACHING)) {
                while (records.hasNext()) {
                    Record record = records.next();
                    if (record.offset() >= start
                            && record.offset() < limit
                            && record.timestamp() > best.timestamp()) {
                        best =
                                new TimestampOffset(
                                        record.timestamp(),
                                        record.offset(),
                                        batch.partitionLeaderEpoch());
                    }
                }
            }
        }
        return best;
    }

    static List<EpochEntry> epochs(UnifiedLog files) {
        return files.leaderEpochCache().epochEntries().stream()
                .map(e -> new EpochEntry(e.epoch(), e.startOffset()))
                .toList();
    }

    static List<ActiveProducer> producers(UnifiedLog files) {
        return files.activeProducers().stream()
                .map(
                        p ->
                                new ActiveProducer(
                                        p.producerId(),
                                        p.producerEpoch(),
                                        p.lastSequence(),
                                        p.lastTimestamp(),
                                        p.coordinatorEpoch(),
                                        p.currentTxnStartOffset()))
                .toList();
    }

    static List<AbortedTxn> aborted(UnifiedLog files, long start, long end) {
        return files.collectAbortedTransactions(start, end).stream()
                .map(
                        t ->
                                new AbortedTxn(
                                        t.producerId(),
                                        t.firstOffset(),
                                        t.lastOffset(),
                                        t.lastStableOffset()))
                .toList();
    }

    static byte[] producerSnapshot(UnifiedLog files, long atOffset) {
        var file = files.producerStateManager().fetchSnapshot(atOffset);
        try {
            return file.isPresent() && file.get().exists()
                    ? Files.readAllBytes(file.get().toPath())
                    : new byte[0];
        } catch (IOException e) {
            throw new KafkaStorageException(
                    "Cannot read the producer snapshot of " + files.name(), e);
        }
    }

    static Optional<ActiveSegment> active(UnifiedLog files, long firstAppendMillis) {
        LogSegment segment = files.activeSegment();
        if (segment.size() == 0) {
            return Optional.empty();
        }
        long since = firstAppendMillis > 0 ? firstAppendMillis : segment.lastModified();
        return Optional.of(
                new ActiveSegment(
                        segment.baseOffset(), segment.size(), Instant.ofEpochMilli(since)));
    }

    /// L9: only what is flushed, and below the durable end.
    static List<ClosedSegment> closed(UnifiedLog files, long limit) {
        try {
            var found = new ArrayList<ClosedSegment>();
            List<LogSegment> segments = files.logSegments();
            for (int i = 0; i + 1 < segments.size(); i++) {
                LogSegment segment = segments.get(i);
                long end = segments.get(i + 1).baseOffset();
                if (end > limit) {
                    break;
                }
                found.add(
                        new ClosedSegment(
                                segment.baseOffset(),
                                end,
                                segment.log(),
                                segment.size(),
                                segment.maxTimestampSoFar(),
                                Instant.ofEpochMilli(segment.lastModified())));
            }
            return found;
        } catch (IOException e) {
            throw new KafkaStorageException(
                    "Cannot list the closed segments of " + files.name(), e);
        }
    }
}
