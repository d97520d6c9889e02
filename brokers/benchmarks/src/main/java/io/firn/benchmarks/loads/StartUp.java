package io.firn.benchmarks.loads;

import io.firn.benchmarks.BenchException;
import io.firn.benchmarks.client.BatchShape;
import io.firn.benchmarks.client.Codec;
import io.firn.benchmarks.client.FirstRecord;
import io.firn.benchmarks.client.Topics;
import io.firn.benchmarks.servers.Subject;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// From the start of a process to the first acknowledged record of a topic that it had before: on
/// data that was closed cleanly, and after `kill -9` with a load running. Firn uses its AOT cache
/// when it has one by its second start, as a user would get it.
record StartUp(String name, String title, List<Subject> subjects) implements Load {
    private static final String TOPIC = "start-up";
    private static final Duration AT_MOST = Duration.ofMinutes(3);
    private static final Duration AOT = Duration.ofMinutes(4);
    private static final BatchShape SHAPE = new BatchShape(1024, 16, Codec.NONE);

    @Override
    public List<Figure> shown() {
        return List.of(
                Figure.START_SECONDS, Figure.START_AFTER_KILL_SECONDS, Figure.RESIDENT_ALL_MIB);
    }

    @Override
    public boolean fillsPageCache() {
        return false;
    }

    /// A server of the run's own, so that the others stay warm.
    @Override
    public Map<Figure, Double> run(Session session, Subject subject, int round) {
        var folder = session.testbed().folder("start-up-%s-%d".formatted(subject.key(), round));
        var figures = new EnumMap<Figure, Double>(Figure.class);
        try (var server = start(session, subject, folder)) {
            try (var topics = new Topics(server.address())) {
                topics.create(TOPIC, 1, subject.topicSettings());
                topics.prime(TOPIC, 1);
            }
            server.process().close();
            figures.put(Figure.START_SECONDS, start(server));
            server.awaitReady();
            figures.put(
                    Figure.RESIDENT_ALL_MIB,
                    session.processes().residentBytes(server.process().pidsWithDescendants())
                            / (double) (1 << 20));
            killUnderLoad(server);
            figures.put(Figure.START_AFTER_KILL_SECONDS, start(server));
            server.awaitReady();
        }
        return figures;
    }

    /// Firn makes its AOT cache in the background of its first run; wait for it.
    @Override
    public void prepare(Session session, Subject subject) {
        if (subject.isFirn()) {
            Path folder = session.testbed().folder("start-up-first");
            try (var unused = start(session, subject, folder)) {
                long deadline = System.nanoTime() + AOT.toNanos();
                while (!hasCache(aot(session)) && System.nanoTime() < deadline) {
                    pause(500);
                }
                if (!hasCache(aot(session))) {
                    System.err.println("  (Firn made no AOT cache)");
                }
            }
        }
    }

    private static Restartable start(Session session, Subject subject, Path folder) {
        return Restartable.start(session.testbed().installation(), subject, folder, aot(session));
    }

    private static Path aot(Session session) {
        return session.testbed().folder("aot");
    }

    private static boolean hasCache(Path folder) {
        try (var files = Files.list(folder)) {
            return files.anyMatch(file -> file.getFileName().toString().matches("firn-.*\\.aot"));
        } catch (IOException e) {
            throw new BenchException("Cannot list %s: %s".formatted(folder, e), e);
        }
    }

    private static double start(Restartable server) {
        long start = System.nanoTime();
        server.restart();
        FirstRecord.await(server.address(), TOPIC, AT_MOST, server.process()::requireAlive);
        return (System.nanoTime() - start) / 1e9;
    }

    private static void killUnderLoad(Restartable server) {
        var producing =
                Thread.ofPlatform()
                        .daemon()
                        .start(
                                () -> {
                                    try {
                                        FirstRecord.produceUntilItFails(
                                                server.address(), TOPIC, SHAPE);
                                    } catch (BenchException e) {
                                        // The server is gone, as it should be.
                                    }
                                });
        pause(1000);
        server.process().kill();
        try {
            producing.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("Interrupted", e);
        }
    }
}
