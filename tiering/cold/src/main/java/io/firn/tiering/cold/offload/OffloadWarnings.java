package io.firn.tiering.cold.offload;

import io.firn.tiering.cold.TieringMetrics;
import io.firn.tiering.cold.offload.OffloadPlanner.Plan;
import io.firn.tiering.cold.source.OffloadSource;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;

/// What is said about one partition's offload that does not get on: why it waits, once for each
/// reason; what somebody should look at, once a minute. Used by the thread that steps.
final class OffloadWarnings {
    private static final Logger LOG = LoggerFactory.getLogger(OffloadWarnings.class);
    private static final Duration EVERY = Duration.ofSeconds(60);

    private final OffloadSource source;
    private final TieringMetrics metrics;
    private final Duration attemptDeadline;

    private @Nullable String waitsFor;
    private Instant next = Instant.MIN;
    private long tryingFrom = -1;
    private Instant tryingSince = Instant.MIN;

    OffloadWarnings(OffloadSource source, TieringMetrics metrics, Duration attemptDeadline) {
        this.source = source;
        this.metrics = metrics;
        this.attemptDeadline = attemptDeadline;
    }

    /// An outage is expected and ends by itself: one line when it begins, or changes.
    void waits(String reason) {
        metrics.offloadFailed(source.topic(), source.partition(), reason);
        if (!reason.equals(waitsFor)) {
            waitsFor = reason;
            LOG.warn("Offload of {} waits: {}", name(), reason);
        }
    }

    /// Nobody expected this one: with its stack trace, once.
    void fails(RuntimeException e) {
        String reason = String.valueOf(e);
        metrics.offloadFailed(source.topic(), source.partition(), reason);
        if (!reason.equals(waitsFor)) {
            waitsFor = reason;
            LOG.error("Offload of {} failed; it will be tried again", name(), e);
        }
    }

    /// A step was done.
    void getsOn() {
        if (waitsFor != null) {
            waitsFor = null;
            LOG.info("Offload of {} goes on", name());
        }
    }

    /// C10: one attempt has a deadline, and so have all attempts at one segment together: behind it
    /// somebody is told.
    ///
    /// @param start of the segment whose turn it is, -1 for none
    void watchSegment(long start, Instant now) {
        if (start != tryingFrom) {
            if (tryingFrom >= 0) {
                metrics.offloadStuck(source.topic(), source.partition(), false);
            }
            tryingFrom = start;
            tryingSince = now;
            return;
        }
        if (start >= 0 && now.isAfter(tryingSince.plus(attemptDeadline)) && due(now)) {
            metrics.offloadStuck(source.topic(), source.partition(), true);
            LOG.error(
                    "The segment of {} that begins at {} has not come into the table since {}; local"
                            + " copies stay and lag grows",
                    name(),
                    start,
                    tryingSince);
        }
    }

    void gap(Plan.Gap gap, Instant now) {
        if (due(now)) {
            LOG.error(
                    "Cannot offload {}: the table ends at {} and the local log begins at {}; records"
                            + " between are in neither",
                    name(),
                    gap.expected(),
                    gap.found());
        }
    }

    void overlap(Plan.Overlap overlap, Instant now) {
        if (due(now)) {
            LOG.error(
                    "Cannot offload {}: the table ends at {} and the local log has a batch from {} on"
                            + " that goes beyond; it is not the log that went to the table. Was an"
                            + " older copy of log/ put back? Local copies stay",
                    name(),
                    overlap.coldEnd(),
                    overlap.batch());
        }
    }

    private boolean due(Instant now) {
        if (now.isBefore(next)) {
            return false;
        }
        next = now.plus(EVERY);
        return true;
    }

    private String name() {
        return source.topic().topic() + "-" + source.partition();
    }
}
