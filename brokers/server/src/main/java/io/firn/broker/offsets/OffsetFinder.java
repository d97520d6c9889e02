package io.firn.broker.offsets;

import io.firn.broker.cold.ColdTier;
import io.firn.broker.partition.LedPartition;
import io.firn.broker.partition.LogView;
import io.firn.log.EpochEntry;
import io.firn.log.Isolation;
import io.firn.log.SearchableLog;
import io.firn.log.TimestampOffset;

import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.requests.ListOffsetsRequest;

import java.util.Optional;

/// Finds offsets by time and by name over both tiers (C9).
public final class OffsetFinder {
    private final ColdTier cold;

    public OffsetFinder(ColdTier cold) {
        this.cold = cold;
    }

    /// @param timestamp milliseconds, or one of Kafka's negative names
    /// @return [TimestampOffset#NONE] when there is none
    TimestampOffset find(LedPartition led, long timestamp, Isolation isolation) {
        SearchableLog log = led.log();
        if (timestamp >= 0) {
            return byTime(led, log, timestamp, isolation);
        }
        if (timestamp == ListOffsetsRequest.EARLIEST_TIMESTAMP) {
            return at(log, log.logStartOffset());
        }
        if (timestamp == ListOffsetsRequest.LATEST_TIMESTAMP) {
            return new TimestampOffset(-1, LogView.limit(log, isolation), led.epoch());
        }
        if (timestamp == ListOffsetsRequest.MAX_TIMESTAMP) {
            return maxTimestamp(led, log, isolation);
        }
        if (timestamp == ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP) {
            return at(log, LogView.of(log, isolation).localStart());
        }
        if (timestamp == ListOffsetsRequest.LATEST_TIERED_TIMESTAMP) {
            return coldEnd(led, log).map(end -> at(log, end - 1)).orElse(TimestampOffset.NONE);
        }
        if (timestamp == ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP) {
            return at(log, coldEnd(led, log).orElse(log.logStartOffset()));
        }
        throw new UnsupportedVersionException(
                "Cannot list offsets for timestamp %d: no such name".formatted(timestamp));
    }

    private TimestampOffset byTime(
            LedPartition led, SearchableLog log, long timestamp, Isolation isolation) {
        LogView view = LogView.of(log, isolation);
        if (view.logStart() < view.localStart()) {
            // The catalog may not have heard of the log start yet, and the table overlaps with
            // local segments, which know the same records.
            Optional<TimestampOffset> found =
                    cold.offsetForTimestamp(led.partition(), timestamp, view.logStart())
                            .filter(at -> at.offset() < view.localStart());
            if (found.isPresent()) {
                return found.get();
            }
        }
        return log.offsetForTimestamp(timestamp)
                .filter(found -> found.offset() < view.limit())
                .orElse(TimestampOffset.NONE);
    }

    private TimestampOffset maxTimestamp(LedPartition led, SearchableLog log, Isolation isolation) {
        LogView view = LogView.of(log, isolation);
        TimestampOffset local = log.maxTimestamp();
        if (view.logStart() >= view.localStart()) {
            return local;
        }
        return cold.maxTimestamp(led.partition(), view.logStart(), view.localStart())
                .filter(found -> found.timestamp() >= local.timestamp()) // the first of several
                .orElse(local);
    }

    /// One past the last offset in the table, when something above the log start is there.
    private Optional<Long> coldEnd(LedPartition led, SearchableLog log) {
        long logStart = log.logStartOffset();
        return cold.coldEnd(led.partition()).filter(end -> end > logStart);
    }

    private static TimestampOffset at(SearchableLog log, long offset) {
        return new TimestampOffset(-1, offset, epochOf(log, offset));
    }

    /// The leader epoch of the record at this offset, -1 when unknown.
    static int epochOf(SearchableLog log, long offset) {
        int epoch = -1;
        for (EpochEntry entry : log.epochs()) {
            if (entry.startOffset() > offset) {
                break;
            }
            epoch = entry.epoch();
        }
        return epoch;
    }
}
