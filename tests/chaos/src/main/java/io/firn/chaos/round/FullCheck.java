package io.firn.chaos.round;

import io.firn.chaos.check.Checker;
import io.firn.chaos.check.Finding;
import io.firn.chaos.check.Reading;
import io.firn.chaos.load.KafkaReads;
import io.firn.chaos.load.Load;
import io.firn.chaos.load.TableReads;
import io.firn.chaos.process.ChaosException;
import io.firn.chaos.process.Firn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// Reads all of a topic four ways and holds it against the history: hot, mixed, cold, table (J17).
/// The load has to be quiet.
public final class FullCheck {
    private static final long CATCH_UP_SECONDS = 90;

    /// What was found.
    ///
    /// @param acked sends of this topic that were acknowledged
    /// @param logs records read through Kafka from log start to end
    /// @param rows rows of the table
    public record Result(List<Finding> findings, long acked, long logs, long rows, long hot) {
        public boolean clean() {
            return findings.isEmpty();
        }
    }

    private final Load load;
    private final Firn.Settings firn;
    private final java.nio.file.Path objects;

    public FullCheck(Load load, Firn.Settings firn) {
        this(load, firn, firn.data().resolve("objects"));
    }

    public FullCheck(Load load, Firn.Settings firn, java.nio.file.Path objects) {
        this.load = load;
        this.firn = firn;
        this.objects = objects;
    }

    /// @param awaitTable waits until the table has everything; without it the table is checked as
    ///     far as it goes
    public Result run(boolean awaitTable) throws InterruptedException {
        int partitions = load.topic.partitions();
        try (KafkaReads kafka = new KafkaReads(firn.bootstrap(), load.topic.name())) {
            List<Logs> logs = each(partitions, p -> logs(kafka, p));
            if (awaitTable) {
                awaitTable(kafka, partitions);
            }
            List<Long> tiered = each(partitions, kafka::tieredEnd);
            Map<Integer, TableReads.Rows> table =
                    new TableReads(firn.catalog(), objects).read(load.topic.name());
            List<Long> rows =
                    each(
                            partitions,
                            p -> {
                                Checker checker = logs.get(p).checker();
                                cold(kafka, checker, p);
                                TableReads.Rows there =
                                        table.getOrDefault(p, new TableReads.Rows());
                                proveSight(kafka, p, there, tiered.get(p));
                                return table(kafka, checker, p, there, tiered.get(p));
                            });
            List<Finding> findings = new ArrayList<>();
            logs.forEach(log -> findings.addAll(log.checker().findings()));
            return new Result(
                    findings,
                    load.acked(),
                    logs.stream().mapToLong(Logs::mixed).sum(),
                    rows.stream().mapToLong(n -> n).sum(),
                    logs.stream().mapToLong(Logs::hot).sum());
        }
    }

    /// How many records of one partition were read from local copies, and from start to end.
    private record Logs(Checker checker, long hot, long mixed) {}

    private Logs logs(KafkaReads kafka, int partition) {
        Checker checker = new Checker(load.history, partition);
        return new Logs(checker, hot(kafka, checker, partition), mixed(kafka, checker, partition));
    }

    /// The partitions at the same time: a read waits for the server more than it works.
    private static <T> List<T> each(int partitions, IntFunction<T> work) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            return IntStream.range(0, partitions)
                    .mapToObj(p -> CompletableFuture.supplyAsync(() -> work.apply(p), threads))
                    .toList()
                    .stream()
                    .map(CompletableFuture::join)
                    .toList();
        } catch (CompletionException e) {
            throw e.getCause() instanceof ChaosException known ? known : e;
        }
    }

    private static long hot(KafkaReads kafka, Checker checker, int partition) {
        long from = kafka.localStart(partition);
        long to = kafka.end(partition);
        Reading reading = checker.read("hot", from, to, false);
        kafka.read(partition, from, to, reading);
        return reading.end();
    }

    /// From the log's start to its end, which must be past everything acknowledged.
    private long mixed(KafkaReads kafka, Checker checker, int partition) {
        long from = kafka.logStart(partition);
        long to = Math.max(kafka.end(partition), load.history.highestAcked(partition) + 1);
        long end = kafka.end(partition);
        Reading reading = checker.read("mixed", from, to, from == 0);
        kafka.read(partition, from, end, reading);
        return reading.end();
    }

    private static void cold(KafkaReads kafka, Checker checker, int partition) {
        long from = kafka.logStart(partition);
        long to = Math.max(from, kafka.localStart(partition));
        Reading reading = checker.read("cold", from, to, false);
        kafka.read(partition, from, to, reading);
        reading.end();
    }

    /// The rows are the log from its start, or before it, to at least where the broker says.
    private static long table(
            KafkaReads kafka,
            Checker checker,
            int partition,
            TableReads.Rows table,
            long tieredEnd) {
        List<long[]> rows = table.sorted();
        long start = kafka.logStart(partition);
        long from = rows.isEmpty() ? start : Math.min(start, rows.getFirst()[0]);
        long to = rows.isEmpty() ? tieredEnd : Math.max(tieredEnd, rows.getLast()[0] + 1);
        Reading reading = checker.read("table", from, to, from == 0);
        rows.forEach(row -> reading.record(row[0], row[1], (int) row[2]));
        return reading.end();
    }

    /// A check that finds nothing has to find the loss of a data file.
    private void proveSight(
            KafkaReads kafka, int partition, TableReads.Rows there, long tieredEnd) {
        if (tieredEnd <= kafka.logStart(partition)) {
            return;
        }
        Checker planted = new Checker(load.history, partition);
        table(kafka, planted, partition, there.withoutFileOf(tieredEnd - 1), tieredEnd);
        if (planted.findings().isEmpty()) {
            throw new ChaosException(
                    "The check is blind: partition %d without a data file of its table looks whole"
                            .formatted(partition));
        }
    }

    /// Waits until the table has everything that was acknowledged.
    public void catchUp() throws InterruptedException {
        try (KafkaReads kafka = new KafkaReads(firn.bootstrap(), load.topic.name())) {
            awaitTable(kafka, load.topic.partitions());
        }
    }

    private void awaitTable(KafkaReads kafka, int partitions) throws InterruptedException {
        long began = System.nanoTime();
        for (int p = 0; p < partitions; p++) {
            long end = kafka.end(p);
            while (kafka.tieredEnd(p) < end) {
                if (System.nanoTime() - began > CATCH_UP_SECONDS * 1_000_000_000L) {
                    throw new ChaosException(
                            "The offload does not catch up: partition %d of %s is in the table up to %d of %d after %d s"
                                    .formatted(
                                            p,
                                            load.topic.name(),
                                            kafka.tieredEnd(p),
                                            end,
                                            CATCH_UP_SECONDS));
                }
                Thread.sleep(100);
            }
        }
    }
}
