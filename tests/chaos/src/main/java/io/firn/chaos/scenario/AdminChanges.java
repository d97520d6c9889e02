package io.firn.chaos.scenario;

import io.firn.chaos.fault.CrashPoint.Trigger;
import io.firn.chaos.load.KafkaReads;
import io.firn.chaos.load.Load;
import io.firn.chaos.process.ChaosException;
import io.firn.chaos.process.Firn;
import io.firn.chaos.round.Rounds;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// What an administrator does while the process crashes, and what must have become of it.
final class AdminChanges {
    private static final long DONE_SECONDS = 40;
    private static final String DOOMED = "doomed";

    private final Rounds rounds;
    private final Firn.Settings firn;
    private long startBefore;
    private long startAsked;
    private Path orphan = Path.of("");

    AdminChanges(Rounds rounds, Firn.Settings firn) {
        this.rounds = rounds;
        this.firn = firn;
    }

    /// On the process that runs before the one that crashes.
    void before(Trigger trigger) throws IOException, InterruptedException {
        switch (trigger) {
            case LOAD, START -> {}
            case DELETE_RECORDS -> startBefore = logStart();
            case DELETE_TOPIC -> {
                try (Load other =
                        new Load(
                                firn.bootstrap(), rounds.bench.newTopic(DOOMED), Load.Rate.USUAL)) {
                    Thread.sleep(1_500);
                }
            }
            case ORPHAN -> orphan = plant();
        }
    }

    /// On the process that crashes: the request may get no answer.
    void during(Trigger trigger) throws InterruptedException {
        switch (trigger) {
            case LOAD, START, ORPHAN -> {}
            case DELETE_RECORDS -> {
                try (KafkaReads kafka = kafka()) {
                    startAsked = startBefore + (kafka.end(0) - startBefore) / 3;
                    delete(kafka.admin());
                } catch (ChaosException e) {
                    // crashed already: nothing was asked
                }
            }
            case DELETE_TOPIC -> deleteDoomed(5);
        }
    }

    /// On the process that goes on.
    void after(Trigger trigger) throws InterruptedException {
        switch (trigger) {
            case LOAD, START -> {}
            case DELETE_RECORDS -> {
                long start = logStart();
                if (start != startBefore && start != startAsked) {
                    throw new ChaosException(
                            "The log began at %d, %d was asked for, and it begins at %d"
                                    .formatted(startBefore, startAsked, start));
                }
            }
            case DELETE_TOPIC -> {
                await("topic " + DOOMED + " is deleted", () -> deleteDoomed(20));
                await("the folders of " + DOOMED + " are gone", this::noFolders);
            }
            case ORPHAN -> await("the orphan is swept", () -> !Files.exists(orphan));
        }
    }

    private KafkaReads kafka() {
        return new KafkaReads(firn.bootstrap(), rounds.load().topic.name());
    }

    private long logStart() {
        try (KafkaReads kafka = kafka()) {
            return kafka.logStart(0);
        }
    }

    private void delete(Admin admin) throws InterruptedException {
        var partition = new TopicPartition(rounds.load().topic.name(), 0);
        try {
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(startAsked)))
                    .all()
                    .get(5, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // unknown
        }
    }

    /// @return whether the topic is known to be gone
    private boolean deleteDoomed(long seconds) throws InterruptedException {
        try (KafkaReads kafka = kafka()) {
            kafka.admin().deleteTopics(List.of(DOOMED)).all().get(seconds, TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException e) {
            return e.getCause() instanceof UnknownTopicOrPartitionException;
        } catch (TimeoutException e) {
            return false;
        }
    }

    private boolean noFolders() throws IOException {
        try (Stream<Path> folders = Files.list(firn.data().resolve("log"))) {
            return folders.noneMatch(
                    f -> f.getFileName().toString().startsWith("public." + DOOMED));
        }
    }

    /// A data file that no catalog knows, two days old, beside those of the table.
    private Path plant() throws IOException, InterruptedException {
        String data = "/" + rounds.load().topic.name();
        Path objects = firn.data().resolve("objects");
        for (int tries = 0; tries < 100; tries++) {
            try (Stream<Path> files = Files.walk(objects)) {
                var one =
                        files.filter(f -> f.toString().contains(data))
                                .filter(f -> f.toString().endsWith(".parquet"))
                                .findFirst();
                if (one.isPresent()) {
                    Path copy = one.get().resolveSibling("left-by-a-crash.parquet");
                    Files.write(copy, new byte[100]);
                    Files.setLastModifiedTime(
                            copy, FileTime.from(Instant.now().minus(Duration.ofHours(48))));
                    return copy;
                }
            } catch (java.io.UncheckedIOException e) {
                // a file went while we looked
            }
            Thread.sleep(100);
        }
        throw new ChaosException("No data file of the topic appeared in " + objects);
    }

    private interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    private static void await(String what, Condition condition) throws InterruptedException {
        long deadline = System.nanoTime() + DONE_SECONDS * 1_000_000_000L;
        try {
            while (!condition.holds()) {
                if (System.nanoTime() > deadline) {
                    throw new ChaosException(
                            "Within %d s it did not come to that %s".formatted(DONE_SECONDS, what));
                }
                Thread.sleep(100);
            }
        } catch (IOException e) {
            throw new ChaosException("Cannot see whether " + what, e);
        }
    }
}
