package io.firn.chaos.scenario;

import io.firn.chaos.agent.Gate;
import io.firn.chaos.fault.Agent;
import io.firn.chaos.fault.CrashPoint;
import io.firn.chaos.fault.CrashPoint.Trigger;
import io.firn.chaos.process.ChaosException;
import io.firn.chaos.process.Firn;
import io.firn.chaos.round.Bench;
import io.firn.chaos.round.FullCheck;
import io.firn.chaos.round.Rounds;

import org.apache.kafka.common.KafkaException;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/// Stops a Firn under load at one point after the other, starts it again and checks everything.
public final class CrashRun {
    private static final long REACH_SECONDS = 75;

    private final Path work;
    private final PrintStream out;
    private final Random random;
    private int folders;

    /// @param seed of the passages at which the points act
    public CrashRun(Path work, PrintStream out, long seed) {
        this.work = work;
        this.out = out;
        this.random = new Random(seed);
    }

    /// @return how many of the points failed; each is explained on `out`
    public int run(List<CrashPoint> points) throws IOException, InterruptedException {
        int failed = 0;
        long began = System.nanoTime();
        Rounds rounds = begin();
        try {
            for (CrashPoint point : points) {
                if (one(rounds, point)) {
                    rounds.next();
                } else {
                    failed++;
                    rounds.close();
                    rounds = begin(); // the folder stays for whoever looks for the reason
                }
            }
        } catch (IOException | RuntimeException e) {
            out.println("FAILED  the test itself: " + e);
            throw e;
        } finally {
            rounds.close();
        }
        out.printf(
                "crash points: %d of %d lost nothing, %.0f s%n",
                points.size() - failed, points.size(), seconds(began));
        return failed;
    }

    private Rounds begin() throws IOException, InterruptedException {
        Path folder = work.resolve("run-" + folders++);
        return new Rounds(Bench.in(folder, folder.resolve("data"), ""), "crash");
    }

    private boolean one(Rounds rounds, CrashPoint point) throws IOException, InterruptedException {
        long started = System.nanoTime();
        int passage = 1 + random.nextInt(point.most());
        try {
            int reached = crash(rounds, point, passage);
            Thread.sleep(500); // a little of the load on the new process
            FullCheck.Result result = rounds.check();
            out.printf(
                    "ok      %-28s passage %-4d %5.1f s  %,d records, %,d rows, %,d hot%n",
                    point.name(),
                    reached,
                    seconds(started),
                    result.logs(),
                    result.rows(),
                    result.hot());
            return true;
        } catch (ChaosException | KafkaException e) {
            out.printf(
                    "FAILED  %-28s passage %-4d %5.1f s  data in %s%n  %s%n",
                    point.name(),
                    passage,
                    seconds(started),
                    rounds.bench.settings.data(),
                    e.getMessage());
            return false;
        }
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    /// Crashes at the point and starts again.
    ///
    /// @return the passage at which it was
    private int crash(Rounds rounds, CrashPoint point, int passage)
            throws IOException, InterruptedException {
        Trigger trigger = point.trigger();
        AdminChanges changes = new AdminChanges(rounds, rounds.bench.settings);
        Thread.sleep(300 + random.nextInt(700));
        changes.before(trigger);
        int reached = passage;
        if (trigger == Trigger.START || trigger == Trigger.ORPHAN) {
            reached = atStart(rounds, point, passage);
        } else {
            rounds.plan().arm(Agent.arm(point.name(), passage));
            changes.during(trigger);
        }
        Firn firn = rounds.firn();
        if (!firn.awaitEnd(REACH_SECONDS)) {
            throw new ChaosException(
                    "The point was not passed %d times within %d s"
                            .formatted(reached, REACH_SECONDS));
        }
        if (firn.status() != Gate.HALTED) {
            throw new ChaosException(
                    "firn ended with status %d before the point:\n%s"
                            .formatted(firn.status(), firn.tail(40)));
        }
        rounds.start();
        changes.after(trigger);
        return reached;
    }

    /// A start passes a point fewer times than may have been drawn: then once is tried.
    private static int atStart(Rounds rounds, CrashPoint point, int passage)
            throws IOException, InterruptedException {
        int reached = passage;
        long wait = point.trigger() == Trigger.ORPHAN ? 30 : 3;
        rounds.firn().kill();
        Firn firn = rounds.launch(Agent.arm(point.name(), reached));
        if (firn.awaitReady() && !firn.awaitEnd(wait)) {
            reached = 1;
            firn.kill();
            rounds.launch(Agent.arm(point.name(), reached)).awaitReady();
        }
        return reached;
    }
}
