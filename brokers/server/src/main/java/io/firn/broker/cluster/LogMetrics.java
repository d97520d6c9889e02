package io.firn.broker.cluster;

import io.firn.log.LogListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// The hot log's figures as metrics.
public final class LogMetrics implements LogListener {
    private final MeterRegistry registry;
    private final DistributionSummary groupBytes;
    private final DistributionSummary groupBatches;
    private final Timer written;
    private final Timer released;
    private final Counter forgottenProducers;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger offline = new AtomicInteger();
    private final AtomicInteger uncleanable = new AtomicInteger();
    private final AtomicInteger strays = new AtomicInteger();

    public LogMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.groupBytes =
                DistributionSummary.builder("firn.log.group.bytes")
                        .description("Bytes that one journal write made durable")
                        .baseUnit("bytes")
                        .register(registry);
        this.groupBatches =
                DistributionSummary.builder("firn.log.group.batches")
                        .description("Batches that one journal write made durable")
                        .register(registry);
        this.written =
                Timer.builder("firn.log.journal.write")
                        .description("One journal write")
                        .publishPercentileHistogram()
                        .minimumExpectedValue(Duration.ofNanos(50_000))
                        .maximumExpectedValue(Duration.ofSeconds(5))
                        .register(registry);
        this.released =
                Timer.builder("firn.log.journal.release")
                        .description("Flush and checkpoint of half a journal")
                        .register(registry);
        this.forgottenProducers =
                Counter.builder("firn.log.producers.forgotten")
                        .description("Idle producers that were forgotten before their time")
                        .register(registry);
        Gauge.builder("firn.log.open", open, AtomicInteger::get)
                .description("Logs whose files are open")
                .register(registry);
        Gauge.builder("firn.log.uncleanable", uncleanable, AtomicInteger::get)
                .description("Logs without retention and compaction, because one of these failed")
                .register(registry);
        Gauge.builder("firn.log.strays", strays, AtomicInteger::get)
                .description("Folders of logs that the cluster knows nothing of, kept for a while")
                .register(registry);
        Gauge.builder("firn.log.offline", offline, AtomicInteger::get)
                .description("1 when the data disk has failed")
                .register(registry);
    }

    @Override
    public void groupWritten(int batches, long bytes, long nanos) {
        groupBytes.record(bytes);
        groupBatches.record(batches);
        written.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void refused(String error) {
        Counter.builder("firn.produce.refused")
                .description("Appends that were refused before they got an offset")
                .tag("error", error)
                .register(registry)
                .increment();
    }

    @Override
    public void released(int logs, long nanos) {
        released.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void opened(int openLogs) {
        open.set(openLogs);
    }

    @Override
    public void closed(int openLogs) {
        open.set(openLogs);
    }

    @Override
    public void uncleanable(int logs) {
        uncleanable.set(logs);
    }

    @Override
    public void producersForgotten(int entries) {
        forgottenProducers.increment(entries);
    }

    @Override
    public void kept(int left) {
        strays.set(left);
    }

    @Override
    public void offline(String why) {
        offline.set(1);
    }
}
