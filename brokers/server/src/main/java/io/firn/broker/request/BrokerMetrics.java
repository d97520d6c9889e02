package io.firn.broker.request;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// What a broker counts. Names are those of `docs/metrics`; bytes are of records, as batches.
public final class BrokerMetrics {
    private final MeterRegistry registry;
    private final Counter producedBytes;
    private final Counter hotBytes;
    private final Counter coldBytes;
    private final Counter coldFailures;
    private final Timer produce;
    private final Timer fetch;
    private final Timer coldRead;

    public BrokerMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.producedBytes =
                Counter.builder("firn.produce.bytes")
                        .description("Bytes of batches that were handed to the log")
                        .baseUnit("bytes")
                        .register(registry);
        this.hotBytes = fetched("hot");
        this.coldBytes = fetched("cold");
        this.coldFailures =
                Counter.builder("firn.fetch.cold.failures")
                        .description("Cold reads that were answered with a retriable error")
                        .register(registry);
        this.produce = timer("firn.produce.time", "From a Produce request to its answer");
        this.fetch = timer("firn.fetch.time", "From a Fetch request to its answer, waits included");
        this.coldRead = timer("firn.fetch.cold.time", "One cold read of one partition");
    }

    private Counter fetched(String tier) {
        return Counter.builder("firn.fetch.bytes")
                .description("Bytes of batches that were read for clients")
                .tag("tier", tier)
                .baseUnit("bytes")
                .register(registry);
    }

    private Timer timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofNanos(100_000))
                .maximumExpectedValue(Duration.ofSeconds(30))
                .register(registry);
    }

    public void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }

    public void produced(int bytes) {
        producedBytes.increment(bytes);
    }

    public void produceLatency(long nanos) {
        produce.record(nanos, TimeUnit.NANOSECONDS);
    }

    public void fetchedHot(int bytes) {
        hotBytes.increment(bytes);
    }

    public void fetchedCold(int bytes, long nanos) {
        coldBytes.increment(bytes);
        coldRead.record(nanos, TimeUnit.NANOSECONDS);
    }

    public void coldReadFailed() {
        coldFailures.increment();
    }

    public void fetchLatency(long nanos) {
        fetch.record(nanos, TimeUnit.NANOSECONDS);
    }
}
