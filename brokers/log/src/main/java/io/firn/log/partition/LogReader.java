package io.firn.log.partition;

import io.firn.log.AbortedTxn;
import io.firn.log.ActiveProducer;
import io.firn.log.ActiveSegment;
import io.firn.log.ClosedSegment;
import io.firn.log.EpochEnd;
import io.firn.log.EpochEntry;
import io.firn.log.Isolation;
import io.firn.log.LogRead;
import io.firn.log.TimestampOffset;

import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.storage.internals.log.UnifiedLog;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// What readers and the offload ask of a log, each on files that are open.
final class LogReader {
    private final OwnedLog log;

    LogReader(OwnedLog log) {
        this.log = log;
    }

    LogRead read(long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        return log.disk.undisturbed(
                () -> LogReads.read(log, offset, maxBytes, atLeastOneBatch, isolation));
    }

    /// L1: files that closed between look-up and read are looked up again.
    private <T> T reading(Function<UnifiedLog, T> read) {
        return log.disk.undisturbed(
                () -> {
                    for (int attempt = 0; ; attempt++) {
                        UnifiedLog files = log.life.files();
                        try {
                            return read.apply(files);
                        } catch (KafkaStorageException e) {
                            if (attempt > 2 || log.life.openFiles() == files) {
                                throw e;
                            }
                        }
                    }
                });
    }

    Optional<TimestampOffset> offsetForTimestamp(long timestamp) {
        return reading(files -> LogReads.offsetForTimestamp(files, timestamp, log.durableEnd()));
    }

    TimestampOffset maxTimestamp() {
        return reading(files -> LogReads.maxTimestamp(files, log.durableEnd()));
    }

    EpochEnd endOffsetForEpoch(int epoch) {
        if (epoch == log.leaderEpoch() && epoch >= 0) {
            return new EpochEnd(epoch, log.durableEnd());
        }
        return log.life
                .files()
                .endOffsetForEpoch(epoch)
                .map(e -> new EpochEnd(e.epoch(), e.offset()))
                .orElse(EpochEnd.NONE);
    }

    List<EpochEntry> epochs() {
        return LogReads.epochs(log.life.files());
    }

    List<ActiveProducer> producers() {
        return LogReads.producers(log.life.files());
    }

    byte[] producerSnapshot(long atOffset) {
        return reading(files -> LogReads.producerSnapshot(files, atOffset));
    }

    Optional<ActiveSegment> active() { // does not keep an idle log open
        OpenFiles now = log.life.opened();
        if (now == null && log.checkpoint().position() == 0) {
            return Optional.empty();
        }
        OpenFiles files = now == null ? log.life.open() : now;
        return LogReads.active(files.unified(), files.firstAppendMillis());
    }

    List<ClosedSegment> closed() {
        if (log.life.state() instanceof LogState.Closed closed
                && closed.trusted()
                && (log.checkpoint().size() == 0 || log.tiered() >= log.checkpoint().end())) {
            return List.of();
        }
        return log.disk.undisturbed(
                () -> {
                    OpenFiles now = log.life.opened();
                    OpenFiles files = now == null ? log.life.open() : now;
                    return LogReads.closed(
                            files.unified(), Math.min(files.sealedOffset(), log.durableEnd()));
                });
    }

    List<AbortedTxn> aborted(long start, long end) {
        return reading(files -> LogReads.aborted(files, start, end));
    }
}
