package io.firn.broker.cold;

import io.firn.catalog.client.TopicRef;
import io.firn.tiering.cold.TieringMetrics;
import io.firn.tiering.table.file.Flaw;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// The offloader's and the cold reader's figures as metrics. Lag is summed over partitions: a
/// series for each would be too many.
final class TierMetrics implements TieringMetrics {
    private record Key(UUID topicId, int partition) {}

    private record Lag(long records, long bytes) {}

    private final MeterRegistry registry;
    private final Map<Key, Lag> lags = new ConcurrentHashMap<>();
    private final Set<Key> stuck = ConcurrentHashMap.newKeySet();
    private final AtomicInteger forgotten = new AtomicInteger();
    private final Timer freshness;
    private final Counter logBytes;
    private final Counter objectBytes;
    private final Counter failures;
    private final Counter missing;
    private final Counter differing;
    private final Counter holes;
    private final Counter fetched;
    private final Counter read;
    private final Counter hits;
    private final Counter misses;
    private final Counter[] flaws = new Counter[Flaw.values().length];

    TierMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.freshness =
                Timer.builder("firn.table.freshness")
                        .description("From the append of a range's oldest record to its commit")
                        .publishPercentileHistogram()
                        .minimumExpectedValue(Duration.ofMillis(100))
                        .maximumExpectedValue(Duration.ofHours(1))
                        .register(registry);
        this.logBytes = counter("firn.offload.log.bytes", "Bytes as they lay in the log");
        this.objectBytes = counter("firn.offload.object.bytes", "Bytes as they lie in the store");
        this.failures = counter("firn.offload.failures", "Offload attempts that failed");
        this.missing =
                counter("firn.cold.objects.missing", "Objects that must be there and are not");
        this.differing =
                counter(
                        "firn.cold.copies.differing",
                        "Local copies that are not what the table has");
        this.holes = counter("firn.cold.holes", "Times that offsets in no tier were met");
        alarms();
        for (Flaw flaw : Flaw.values()) {
            flaws[flaw.ordinal()] =
                    Counter.builder("firn.table.flaws")
                            .tag("kind", flaw.label())
                            .description("What came into a table without fitting its columns (C19)")
                            .register(registry);
        }
        this.fetched = counter("firn.cold.fetched.bytes", "Bytes read from the object store");
        this.read = counter("firn.cold.read.bytes", "Bytes handed to readers");
        this.hits = counter("firn.cold.cache.hits", "Row groups found decoded");
        this.misses = counter("firn.cold.cache.misses", "Row groups fetched");
        Gauge.builder(
                        "firn.offload.lag.records",
                        lags,
                        all -> all.values().stream().mapToLong(Lag::records).sum())
                .description("Records that are closed and not yet in a table")
                .register(registry);
        Gauge.builder(
                        "firn.offload.lag.bytes",
                        lags,
                        all -> all.values().stream().mapToLong(Lag::bytes).sum())
                .description("Bytes that are closed and not yet in a table")
                .register(registry);
    }

    private void alarms() {
        Gauge.builder("firn.offload.stuck.partitions", stuck, Set::size)
                .description("Partitions whose next segment does not come into the table (C10)")
                .register(registry);
        Gauge.builder("firn.catalog.forgotten.partitions", forgotten, AtomicInteger::get)
                .description(
                        "Partitions of which the catalog forgot commits; above 0 nothing is deleted (C16)")
                .register(registry);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    @Override
    public void offloaded(TopicRef topic, int partition, long fromLog, long toStore, Duration age) {
        logBytes.increment(fromLog);
        objectBytes.increment(toStore);
        freshness.record(age);
    }

    @Override
    public void offloadStep(String step, Duration took) {
        registry.timer("firn.offload.step", "step", step).record(took);
    }

    @Override
    public void offloadFailed(TopicRef topic, int partition, String reason) {
        failures.increment();
    }

    @Override
    public void flawed(Flaw flaw, long count) {
        flaws[flaw.ordinal()].increment(count);
    }

    @Override
    public void offloadLag(TopicRef topic, int partition, long records, long bytes) {
        Key key = new Key(topic.topicId(), partition);
        if (records == 0 && bytes == 0) {
            lags.remove(key);
        } else {
            lags.put(key, new Lag(records, bytes));
        }
    }

    int stuckPartitions() {
        return stuck.size();
    }

    @Override
    public void offloadStuck(TopicRef topic, int partition, boolean isStuck) {
        Key key = new Key(topic.topicId(), partition);
        if (isStuck) {
            stuck.add(key);
        } else {
            stuck.remove(key);
        }
    }

    @Override
    public void deletesHeld(int partitions) {
        forgotten.set(partitions);
    }

    @Override
    public void copyDiffers(TopicRef topic, int partition) {
        differing.increment();
    }

    @Override
    public void objectMissing(String path) {
        missing.increment();
    }

    @Override
    public void hole() {
        holes.increment();
    }

    @Override
    public void coldFetched(long bytes) {
        fetched.increment(bytes);
    }

    @Override
    public void coldRead(long bytes) {
        read.increment(bytes);
    }

    @Override
    public void cacheHit() {
        hits.increment();
    }

    @Override
    public void cacheMiss() {
        misses.increment();
    }
}
