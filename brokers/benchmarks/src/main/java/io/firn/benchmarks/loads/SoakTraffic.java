package io.firn.benchmarks.loads;

import io.firn.benchmarks.BenchException;
import io.firn.benchmarks.client.BatchShape;
import io.firn.benchmarks.client.Bound;
import io.firn.benchmarks.client.Codec;
import io.firn.benchmarks.client.Crowd;
import io.firn.benchmarks.client.PacedProducers;
import io.firn.benchmarks.client.RawFetchers;
import io.firn.benchmarks.client.StockClients;
import io.firn.benchmarks.client.Topics;

import org.apache.kafka.clients.admin.OffsetSpec;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// A bit of everything at once: producers, consumers of the hot end and of the past, groups that
/// come and go, topics that come and go, connections that are only there. Each kind runs on a
/// thread of its own until it is closed; the first that fails ends the soak.
final class SoakTraffic implements AutoCloseable {
    static final int CROWD = 500;
    static final int WAITING = 100;
    static final int HOT_PARTITIONS = 64;
    static final int PAST_PARTITIONS = Tiering.PARTITIONS;
    static final int CHURN_PARTITIONS = 10;
    static final int QUIET_PARTITIONS = 200;
    static final int OTHER_CONNECTIONS = 40;

    private static final String HOT = "soak-hot";
    private static final String PAST = "soak-past";
    private static final String QUIET = "soak-quiet";
    private static final int PRODUCERS = 8;
    private static final double HOT_REQUESTS = 300;
    private static final double PAST_REQUESTS = 60;
    private static final Duration TURN = Duration.ofSeconds(10);
    private static final BatchShape SHAPE = new BatchShape(1024, 16, Codec.LZ4);

    private interface Turn {
        void take() throws Exception;
    }

    private final String address;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<AutoCloseable> crowds = new ArrayList<>();
    private final AtomicLong topicsMade = new AtomicLong();
    private final AtomicLong recordsConsumed = new AtomicLong();
    private final AtomicLong coldRecords = new AtomicLong();

    private SoakTraffic(String address) {
        this.address = address;
    }

    static SoakTraffic start(String address) {
        var traffic = new SoakTraffic(address);
        try (var topics = new Topics(address)) {
            make(topics, HOT, HOT_PARTITIONS, hotSettings());
            make(topics, PAST, PAST_PARTITIONS, pastSettings());
            make(topics, QUIET, QUIET_PARTITIONS, Map.of());
        }
        traffic.crowds.add(Crowd.idle(address, CROWD));
        traffic.keep("produce", () -> traffic.produce(HOT, HOT_PARTITIONS, HOT_REQUESTS));
        traffic.keep("produce-past", () -> traffic.produce(PAST, PAST_PARTITIONS, PAST_REQUESTS));
        traffic.keep("wait", traffic::await);
        traffic.keep("read-past", traffic::readPast);
        traffic.keep("group", traffic::consume);
        traffic.keep("churn", traffic::churn);
        return traffic;
    }

    private static void make(
            Topics topics, String name, int partitions, Map<String, String> settings) {
        topics.create(name, partitions, settings);
        topics.awaitLeaders(name, partitions);
        topics.prime(name, partitions);
    }

    private static Map<String, String> hotSettings() {
        return Map.of(
                "firn.table.enabled", "false",
                "segment.bytes", "8388608",
                "retention.bytes", "16777216");
    }

    private static Map<String, String> pastSettings() {
        return Map.of(
                "firn.table.freshness.ms", "5000",
                "segment.bytes", "8388608",
                "local.retention.ms", "1000",
                "retention.ms", "120000");
    }

    private void produce(String topic, int partitions, double rate) throws IOException {
        var frames = Frames.spread(topic, partitions, PRODUCERS, 8, 1, SHAPE);
        try (var producers = new PacedProducers(address, frames, rate)) {
            producers.run(TURN);
        }
    }

    private void await() {
        try (var waiting = Crowd.waiting(address, WAITING, QUIET, QUIET_PARTITIONS, 1)) {
            Pauses.pause(TURN);
        }
    }

    private void readPast() throws IOException {
        try (var topics = new Topics(address);
                var fetchers =
                        new RawFetchers(address, PAST, PAST_PARTITIONS, 2, SHAPE.recordBytes())
                                .from(
                                        topics.offsets(
                                                PAST, PAST_PARTITIONS, OffsetSpec.earliest()))) {
            coldRecords.addAndGet(fetchers.runOnce(new Bound(64L << 20, TURN)).records());
        } catch (BenchException e) {
            if (!String.valueOf(e.getMessage()).contains("OFFSET_OUT_OF_RANGE")) {
                throw e;
            } // else retention took what was about to be read
        }
        Pauses.pause(Duration.ofSeconds(1));
    }

    private void consume() {
        recordsConsumed.addAndGet(StockClients.consumeInGroup(address, HOT, "soak", 3, TURN));
    }

    private void churn() {
        String name = "soak-churn-%d".formatted(topicsMade.incrementAndGet());
        try (var topics = new Topics(address)) {
            make(topics, name, CHURN_PARTITIONS, Map.of());
            topics.delete(name);
        }
        Pauses.pause(Duration.ofSeconds(1));
    }

    private void keep(String name, Turn turn) {
        threads.add(
                Thread.ofPlatform()
                        .daemon()
                        .name("soak-" + name)
                        .start(
                                () -> {
                                    try {
                                        while (!ended.get()) {
                                            turn.take();
                                        }
                                    } catch (Throwable e) {
                                        failure.compareAndSet(null, e);
                                    }
                                }));
    }

    /// The first thing that went wrong; null while all is well.
    @org.jspecify.annotations.Nullable
    Throwable failure() {
        return failure.get();
    }

    String done() {
        return "%d topics made and deleted, %d records consumed by groups, %d read from the past"
                .formatted(topicsMade.get(), recordsConsumed.get(), coldRecords.get());
    }

    /// What the server keeps for all this.
    ///
    /// @param openLogs partitions whose files the server says are open
    static MemoryBudget budget(int openLogs) {
        int partitions = HOT_PARTITIONS + PAST_PARTITIONS + QUIET_PARTITIONS + CHURN_PARTITIONS;
        return new MemoryBudget(
                CROWD + WAITING + OTHER_CONNECTIONS,
                Math.max(0, partitions - openLogs),
                openLogs,
                WAITING + OTHER_CONNECTIONS);
    }

    @Override
    public void close() {
        ended.set(true);
        for (Thread thread : threads) {
            try {
                thread.join(TURN.multipliedBy(3));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        for (AutoCloseable crowd : crowds) {
            try {
                crowd.close();
            } catch (Exception e) {
                // It was only there to be there.
            }
        }
    }
}
