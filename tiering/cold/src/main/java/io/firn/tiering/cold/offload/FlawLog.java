package io.firn.tiering.cold.offload;

import io.firn.catalog.client.TopicRef;
import io.firn.tiering.cold.TieringMetrics;
import io.firn.tiering.table.file.Flaw;
import io.firn.tiering.table.file.FlawCount;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Tells what came into the table without fitting its columns (C19): each kind to the metrics, and
/// at most once a minute to the log, with how many there have been meanwhile. Thread safe.
final class FlawLog {
    private static final Logger LOG = LoggerFactory.getLogger(FlawLog.class);
    private static final long EVERY_NANOS = Duration.ofMinutes(1).toNanos();

    private static final class Quiet {
        private long since;
        private long count;
    }

    private final TieringMetrics metrics;
    private final LongSupplier nanoTime;
    private final Consumer<String> log;
    private final Map<Flaw, Quiet> said = new EnumMap<>(Flaw.class);

    FlawLog(TieringMetrics metrics) {
        this(metrics, System::nanoTime, LOG::warn);
    }

    FlawLog(TieringMetrics metrics, LongSupplier nanoTime, Consumer<String> log) {
        this.metrics = metrics;
        this.nanoTime = nanoTime;
        this.log = log;
    }

    /// A range is in the table.
    void committed(TopicRef topic, int partition, List<FlawCount> flaws) {
        for (FlawCount flaw : flaws) {
            metrics.flawed(flaw.flaw(), flaw.count());
            say(topic, partition, flaw);
        }
    }

    private synchronized void say(TopicRef topic, int partition, FlawCount flaw) {
        long now = nanoTime.getAsLong();
        Quiet before = said.get(flaw.flaw());
        if (before != null && now - before.since < EVERY_NANOS) {
            before.count += flaw.count();
            return;
        }
        log.accept(
                "In the table of %s-%d are %s: %d, the first at offset %d%s. See docs/operating, What does not fit its column"
                        .formatted(
                                topic.topic(),
                                partition,
                                flaw.flaw().text(),
                                flaw.count(),
                                flaw.firstOffset(),
                                before == null || before.count == 0
                                        ? ""
                                        : " (and %d in all topics since the last such line)"
                                                .formatted(before.count)));
        Quiet quiet = new Quiet();
        quiet.since = now;
        said.put(flaw.flaw(), quiet);
    }
}
