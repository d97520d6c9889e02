package io.firn.chaos.scenario;

import io.firn.chaos.fault.Agent;
import io.firn.chaos.fault.Fault;
import io.firn.chaos.load.KafkaReads;
import io.firn.chaos.load.Load;
import io.firn.chaos.process.ChaosException;
import io.firn.chaos.process.Firn;
import io.firn.chaos.process.LoopDisk;
import io.firn.chaos.process.Trees;
import io.firn.chaos.round.Bench;
import io.firn.chaos.round.FullCheck;
import io.firn.chaos.round.Rounds;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/// `./firn chaos disk`: a full volume and a disk that fails (C11, L13, R20).
@Command(
        name = "disk",
        mixinStandardHelpOptions = true,
        description = "Fills the disk under a loaded Firn, and lets it fail. Needs root.")
public final class DiskCommand implements Callable<Integer> {
    private static final long DISK_BYTES = 2L << 30;
    private static final long ENOUGH = 20L << 20;
    private static final long TOO_LITTLE = 200L << 20;

    @Option(names = "--work", description = "work folder (default: ${DEFAULT-VALUE})")
    private Path work = Path.of(System.getProperty("java.io.tmpdir"), "firn-disk");

    @Override
    public Integer call() throws Exception {
        int failed = 0;
        try (LoopDisk disk = LoopDisk.create(work, DISK_BYTES);
                Rounds rounds =
                        new Rounds(Bench.in(work, disk.path().resolve("data"), ""), "disk")) {
            failed += step("a full disk", () -> full(disk, rounds)) ? 0 : 1;
            failed += step("a start on a full disk", () -> startFull(disk, rounds)) ? 0 : 1;
            for (Fault fault : Fault.values()) {
                failed += step(fault.point(), () -> fail(rounds, fault)) ? 0 : 1;
            }
        }
        System.out.printf("disk: %d steps failed%n", failed);
        if (failed == 0) {
            Trees.delete(work);
        }
        return failed == 0 ? 0 : 1;
    }

    private interface Step {
        String run() throws IOException, InterruptedException;
    }

    private static boolean step(String name, Step step) throws IOException, InterruptedException {
        long began = System.nanoTime();
        try {
            String said = step.run();
            System.out.printf(
                    "ok      %s, %.1f s: %s%n", name, (System.nanoTime() - began) / 1e9, said);
            return true;
        } catch (ChaosException e) {
            System.out.printf("FAILED  %s: %s%n", name, e.getMessage());
            return false;
        }
    }

    /// Produce is refused before the volume is full, fetch goes on, and with room all goes on.
    private String full(LoopDisk disk, Rounds rounds) throws IOException, InterruptedException {
        Load load = rounds.load();
        Thread.sleep(3_000);
        Path filler = disk.path().resolve("filler");
        fill(disk, filler, TOO_LITTLE);
        long errors = load.errors.get();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 30; i++) {
            Thread.sleep(100);
            least = Math.min(least, disk.usable());
        }
        long acked = load.acked();
        for (int i = 0; i < 50; i++) {
            Thread.sleep(100);
            least = Math.min(least, disk.usable());
        }
        if (load.acked() > acked || load.errors.get() == errors) {
            throw new ChaosException(
                    "Produce was not refused with %d MiB left: %d more acknowledged, %d errors"
                            .formatted(
                                    disk.usable() >> 20,
                                    load.acked() - acked,
                                    load.errors.get() - errors));
        }
        String error = load.lastError();
        if (!error.contains("KafkaStorageException")) {
            throw new ChaosException("The refusal is no retriable storage error: " + error);
        }
        if (!rounds.firn().alive() || least < ENOUGH) {
            throw new ChaosException("The volume filled up: %d MiB left".formatted(least >> 20));
        }
        long read = readAll(rounds);
        rounds.firn().stop();
        rounds.start(); // with as little room: the offload has to be able to make some
        Thread.sleep(3_000);
        if (load.acked() > acked) {
            throw new ChaosException("Produce went on after a restart without room");
        }
        Files.delete(filler);
        long freed = System.nanoTime();
        while (load.acked() == acked) {
            if (System.nanoTime() - freed > 30_000_000_000L) {
                throw new ChaosException("Produce did not go on by itself: " + load.lastError());
            }
            Thread.sleep(20);
        }
        long back = (System.nanoTime() - freed) / 1_000_000;
        FullCheck.Result result = rounds.check();
        return "refused with %d MiB left at least; %,d records read meanwhile; produce went on %d ms after there was room; %,d records, %,d rows"
                .formatted(least >> 20, read, back, result.logs(), result.rows());
    }

    private static long readAll(Rounds rounds) {
        Load load = rounds.load();
        long read = 0;
        try (KafkaReads kafka =
                new KafkaReads(rounds.bench.settings.bootstrap(), load.topic.name())) {
            for (int p = 0; p < load.topic.partitions(); p++) {
                var reading =
                        new io.firn.chaos.check.Checker(load.history, p)
                                .read("mixed", kafka.logStart(p), kafka.end(p), false);
                kafka.read(p, kafka.logStart(p), kafka.end(p), reading);
                read += reading.end();
            }
        }
        return read;
    }

    /// One clear line, status 1, and nothing is touched.
    private String startFull(LoopDisk disk, Rounds rounds)
            throws IOException, InterruptedException {
        rounds.firn().stop();
        Path filler = disk.path().resolve("filler");
        fill(disk, filler, 1L << 20);
        Path data = rounds.bench.settings.data();
        List<String> before = listing(data);
        Firn refused = rounds.launch();
        boolean ready = refused.awaitReady();
        String line = refused.tail(1);
        List<String> after = listing(data);
        Files.delete(filler);
        if (ready || refused.status() != 1 || !line.startsWith("firn: Cannot start")) {
            throw new ChaosException(
                    "Status %d, and the last line is: %s".formatted(refused.status(), line));
        }
        if (!before.equals(after)) {
            throw new ChaosException("The refused start changed the data folder");
        }
        rounds.start();
        rounds.check();
        return line;
    }

    private static List<String> listing(Path data) throws IOException {
        try (Stream<Path> all = Files.walk(data)) {
            return all.filter(Files::isRegularFile)
                    .map(p -> p + " " + p.toFile().length() + " " + p.toFile().lastModified())
                    .sorted()
                    .toList();
        }
    }

    /// Nothing is acknowledged after the error, it is said clearly, and a restart works.
    private String fail(Rounds rounds, Fault fault) throws IOException, InterruptedException {
        Thread.sleep(1_500);
        Path log = rounds.bench.settings.log();
        long from = Files.size(log);
        rounds.plan().arm(Agent.arm(fault.point(), 1, 1_000_000));
        long began = System.nanoTime();
        String said = "";
        while (said.isEmpty()) {
            if (System.nanoTime() - began > 30_000_000_000L) {
                throw new ChaosException("Nothing says that the disk failed");
            }
            Thread.sleep(50);
            said = said(log, from);
        }
        Thread.sleep(1_000);
        long acked = rounds.load().acked();
        Thread.sleep(1_000);
        long more = rounds.load().acked() - acked;
        boolean whole = said.contains("Log directory");
        if (whole && more > 0) {
            throw new ChaosException(
                    "%d records were acknowledged by a disk that failed".formatted(more));
        }
        rounds.firn().kill();
        rounds.start();
        FullCheck.Result result = rounds.check();
        rounds.next();
        return "%s; after the restart %,d records".formatted(said, result.logs());
    }

    private static String said(Path log, long from) throws IOException {
        byte[] all = Files.readAllBytes(log);
        String fresh =
                new String(
                        Arrays.copyOfRange(all, (int) from, all.length),
                        java.nio.charset.StandardCharsets.UTF_8);
        return fresh.lines()
                .filter(line -> line.contains("ERROR") && line.contains(" is offline"))
                .map(line -> line.replaceFirst("^.*?(The log|Log dir)", "$1"))
                .findFirst()
                .orElse("");
    }

    private static void fill(LoopDisk disk, Path filler, long leave) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(filler.toFile(), "rw")) {
            byte[] zeros = new byte[1 << 20];
            file.seek(file.length());
            while (disk.usable() > leave) {
                file.write(
                        zeros,
                        0,
                        (int) Math.min(zeros.length, Math.max(4096, disk.usable() - leave)));
            }
        } catch (IOException e) {
            if (leave > 1L << 20) {
                throw e;
            }
        }
    }
}
