package io.firn.tiering.cold.offload;

import io.firn.tiering.cold.source.OffloadRange;

import java.time.Duration;
import java.util.List;
import java.util.function.LongUnaryOperator;

/// Decides what goes to the table next; knows no threads and no stores.
final class OffloadPlanner {
    /// What one look at a partition says.
    sealed interface Plan {
        /// Nothing that is closed lies wholly below the limit (C1).
        record Nothing() implements Plan {}

        record Take(OffloadRange range) implements Plan {}

        /// The local log begins above the next range: records between them are in no tier.
        record Gap(long expected, long found) implements Plan {}

        /// A batch of the local log lies across the table's end: it is not the log that went there.
        record Overlap(long coldEnd, long batch) implements Plan {}
    }

    private OffloadPlanner() {}

    /// Joins closed segments, each entirely below `limit`, up to `maxBytes` but at least one: from
    /// the cold end on, or from the batch that contains the log start where that lies above (C17).
    ///
    /// @param batchStart base offset of the batch that contains an offset
    static Plan plan(
            long coldEnd,
            long logStart,
            long limit,
            List<OffloadRange> closed,
            long maxBytes,
            LongUnaryOperator batchStart) {
        long next = Math.max(coldEnd, logStart);
        OffloadRange taken = null;
        for (OffloadRange segment : closed) {
            if (segment.end() <= next) {
                continue;
            }
            if (segment.end() > limit) {
                break; // C1: entirely below min(high watermark, last stable offset)
            }
            if (taken == null) {
                if (segment.start() > next) {
                    return new Plan.Gap(next, segment.start());
                }
                long start = next > segment.start() ? batchStart.applyAsLong(next) : next;
                if (start < coldEnd) {
                    return new Plan.Overlap(coldEnd, start); // C2
                }
                taken =
                        new OffloadRange(
                                start,
                                segment.end(),
                                segment.bytes(),
                                segment.maxTimestamp(),
                                segment.oldestAppend());
            } else if (segment.start() != taken.end()
                    || taken.bytes() + segment.bytes() > maxBytes) {
                break;
            } else {
                taken =
                        new OffloadRange(
                                taken.start(),
                                segment.end(),
                                taken.bytes() + segment.bytes(),
                                Math.max(taken.maxTimestamp(), segment.maxTimestamp()),
                                taken.oldestAppend());
            }
        }
        return taken == null ? new Plan.Nothing() : new Plan.Take(taken);
    }

    /// At which age the active segment is closed, so that its oldest record is in the table in
    /// time: at most 60 % of the target, earlier when attempts are slow, never below a tenth.
    ///
    /// @param attempt how long an attempt takes from its plan to its commit, lately
    static Duration rollAge(Duration freshness, Duration attempt, Duration look) {
        long target = freshness.toMillis();
        long inTime = target - 2 * attempt.toMillis() - 2 * look.toMillis();
        return Duration.ofMillis(Math.max(target / 10, Math.min(target * 6 / 10, inTime)));
    }
}
