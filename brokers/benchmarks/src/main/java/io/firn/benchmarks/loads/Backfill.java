package io.firn.benchmarks.loads;

import io.firn.benchmarks.BenchException;
import io.firn.benchmarks.client.BatchShape;
import io.firn.benchmarks.client.Bound;
import io.firn.benchmarks.client.Codec;
import io.firn.benchmarks.client.PacedProducers;
import io.firn.benchmarks.client.RawFetchers;
import io.firn.benchmarks.client.Topics;
import io.firn.benchmarks.client.Volume;
import io.firn.benchmarks.servers.CpuTime;
import io.firn.benchmarks.servers.Subject;
import io.firn.benchmarks.servers.Target;

import org.apache.kafka.clients.admin.OffsetSpec;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// What a consumer that reads a whole cold history costs those who produce meanwhile. Producers
/// send at a fixed rate all the time; the consumer reads in every second phase, as fast as it can
/// and from the beginning each time round. Nothing of the history is on Firn's disk any more;
/// Apache Kafka has it on its own, since it comes without a remote store.
///
/// The clients run on the same machine, so what the consumer itself takes counts, too.
public final class Backfill {
    private static final int HOT_PARTITIONS = 16;
    private static final int CONNECTIONS = 4;
    private static final Duration SETTLE = Duration.ofSeconds(1);
    private static final Duration SLACK = Duration.ofSeconds(2);
    private static final BatchShape HISTORY = new BatchShape(1024, 16, Codec.NONE);
    private static final BatchShape HOT = new BatchShape(1024, 4, Codec.NONE);

    /// @param phase length of each
    /// @param rounds pairs of a phase without and one with the consumer; one more warms up
    /// @param historyBytes record values in the cold history
    /// @param requestsPerSecond of all producers together, each of 4 KiB
    public record Plan(Duration phase, int rounds, long historyBytes, double requestsPerSecond) {}

    private final Session session;
    private final Plan plan;
    private final Target target;
    private final Topics topics;
    private final List<BackfillResult.Phase> phases = new ArrayList<>();
    private final SecondBySecond seconds = new SecondBySecond();
    private long started;

    public Backfill(Session session, Plan plan, Subject subject) {
        this.session = session;
        this.plan = plan;
        this.target = session.target(subject);
        this.topics = session.topics(target);
    }

    public BackfillResult run() {
        String history = "backfill-history";
        String hot = "backfill-hot";
        makeHistory(history);
        session.makeTopic(target, hot, HOT_PARTITIONS);
        try (var producers =
                        new PacedProducers(
                                target.address(),
                                Frames.spread(hot, HOT_PARTITIONS, CONNECTIONS, 8, 1, HOT),
                                plan.requestsPerSecond());
                var consumer =
                        new RawFetchers(
                                target.address(),
                                history,
                                Tiering.PARTITIONS,
                                1,
                                HISTORY.recordBytes())) {
            return measure(producers, consumer);
        } catch (IOException e) {
            throw new BenchException(
                    "Cannot connect to %s: %s".formatted(target.subject().title(), e.getMessage()),
                    e);
        } finally {
            session.dropTopic(target, hot);
            session.dropTopic(target, history);
        }
    }

    private void makeHistory(String topic) {
        Subject subject = target.subject();
        System.err.printf(
                "Producing %d MiB of history to %s%n", plan.historyBytes() >> 20, subject.title());
        topics.create(
                topic,
                Tiering.PARTITIONS,
                subject.isFirn() ? Tiering.settings(subject) : subject.topicSettings());
        topics.prime(topic, Tiering.PARTITIONS);
        Fetch.fill(target, topic, Tiering.PARTITIONS, HISTORY, plan.historyBytes());
        if (!subject.isFirn()) {
            return;
        }
        System.err.println("Waiting until it is in the table and its local copies are gone");
        Tiering.awaitCold(topics, topic);
        requireCold(topic);
    }

    private void requireCold(String topic) {
        var tiered = topics.offsets(topic, Tiering.PARTITIONS, OffsetSpec.latestTiered());
        var latest = topics.offsets(topic, Tiering.PARTITIONS, OffsetSpec.latest());
        if (!tiered.stream().map(offset -> offset + 1).toList().equals(latest)) {
            throw new BenchException(
                    "%s is not wholly in the table: up to %s of %s"
                            .formatted(topic, tiered, latest));
        }
    }

    private BackfillResult measure(PacedProducers producers, RawFetchers consumer) {
        Duration all = plan.phase().multipliedBy(2L * (plan.rounds() + 1)).plus(SLACK);
        started = System.nanoTime();
        var producing =
                CompletableFuture.supplyAsync(
                        () -> producers.run(all, seconds::answered),
                        work -> Thread.ofPlatform().daemon().name("paced").start(work));
        for (int round = 0; round <= plan.rounds(); round++) {
            phase(round, false, () -> new Volume(0, 0, 0, without()));
            phase(round, true, () -> consumer.run(new Bound(Long.MAX_VALUE, plan.phase())));
        }
        try {
            producing.join();
        } catch (CompletionException e) {
            throw new BenchException("The producers failed: " + e.getCause(), e);
        }
        return BackfillResult.of(target.subject(), started, phases, seconds, SETTLE);
    }

    private double without() {
        Pauses.pause(plan.phase());
        return plan.phase().toMillis() / 1e3;
    }

    private void phase(int round, boolean reading, java.util.function.Supplier<Volume> work) {
        CpuTime before = session.processes().cpu(target.pids());
        double stolenBefore = session.processes().stolenSeconds();
        long from = System.nanoTime();
        Volume volume = work.get();
        long to = System.nanoTime();
        CpuTime spent = session.processes().cpu(target.pids()).since(before);
        double stolen = session.processes().stolenSeconds() - stolenBefore;
        var phase =
                new BackfillResult.Phase(
                        round, reading, from, to, volume.payloadBytes(), spent.seconds(), stolen);
        phases.add(phase);
        System.err.printf(
                "  round %d, %-8s %6.1f s  %7.1f MB/s read, %.2f cores, %.3f taken by the host, p99 %.2f ms%n",
                round,
                reading ? "backfill" : "alone",
                (to - from) / 1e9,
                volume.megabytesPerSecond(),
                spent.seconds() * 1e9 / (to - from),
                stolen * 1e9 / (to - from),
                seconds.within(from + SETTLE.toNanos(), to).millis(99));
    }
}
