package io.firn.chaos.scenario;

import io.firn.chaos.process.ChaosException;
import io.firn.chaos.process.LoopDisk;
import io.firn.chaos.process.Postmaster;
import io.firn.chaos.process.Trees;
import io.firn.chaos.round.Bench;
import io.firn.chaos.round.FullCheck;
import io.firn.chaos.round.Rounds;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.Callable;

/// `./firn chaos power-cut [N]`: the disk under a loaded Firn stops taking anything, N times.
@Command(
        name = "power-cut",
        mixinStandardHelpOptions = true,
        description = "Cuts the power of the disk under a loaded Firn; strict loses nothing. Root.")
public final class PowerCutCommand implements Callable<Integer> {
    private static final long DISK_BYTES = 3L << 30;
    private static final int ROUNDS_PER_DISK = 25;

    @Parameters(arity = "0..1", description = "how many cuts (default: ${DEFAULT-VALUE})")
    private int cuts = 50;

    @Option(names = "--work", description = "work folder (default: ${DEFAULT-VALUE})")
    private Path work = Path.of(System.getProperty("java.io.tmpdir"), "firn-power-cut");

    @Option(names = "--seed", description = "of the moments (default: of the clock)")
    private long seed = System.nanoTime();

    private long acknowledged;

    @Override
    public Integer call() throws Exception {
        System.out.printf("%d power cuts, seed %d, work in %s%n", cuts, seed, work);
        var random = new Random(seed);
        long began = System.nanoTime();
        int done = 0;
        for (int disk = 0; done < cuts; disk++) {
            int rounds = Math.min(ROUNDS_PER_DISK, cuts - done);
            if (!onOneDisk(work.resolve("disk-" + disk), rounds, done, random)) {
                return 1;
            }
            done += rounds;
        }
        System.out.printf(
                "power cuts: %d, %,d acknowledged records, none lost, %.0f s%n",
                cuts, acknowledged, (System.nanoTime() - began) / 1e9);
        Trees.delete(work);
        return 0;
    }

    /// The first cut of a disk comes right after the first start.
    private boolean onOneDisk(Path folder, int cuts, int before, Random random)
            throws IOException, InterruptedException {
        LoopDisk disk = LoopDisk.create(folder, DISK_BYTES);
        boolean clean = false;
        try (Rounds rounds = new Rounds(Bench.in(folder, disk.path().resolve("data"), ""), "cut")) {
            for (int cut = 1; cut <= cuts; cut++) {
                long started = System.nanoTime();
                Thread.sleep(300 + random.nextInt(2_200));
                cut(disk, rounds);
                rounds.start();
                FullCheck.Result result = rounds.check(cut % 5 == 0 || cut == cuts);
                acknowledged += result.acked();
                System.out.printf(
                        "ok      cut %-3d %5.1f s  %,d records, %,d rows, %,d hot%n",
                        before + cut,
                        (System.nanoTime() - started) / 1e9,
                        result.logs(),
                        result.rows(),
                        result.hot());
                rounds.next();
            }
            clean = true;
        } catch (ChaosException e) {
            System.out.printf("FAILED  (disk image kept in %s)%n  %s%n", folder, e.getMessage());
        } finally {
            if (clean) {
                disk.close();
            } else {
                disk.unmount();
            }
        }
        return clean;
    }

    private static void cut(LoopDisk disk, Rounds rounds) throws IOException, InterruptedException {
        long postgres = Postmaster.pid(rounds.bench.settings.data());
        disk.cutPower();
        Thread.sleep(50); // whoever acknowledges now does so without a disk
        rounds.firn().kill();
        Postmaster.killPid(postgres);
        disk.unmount();
        disk.mount();
    }
}
