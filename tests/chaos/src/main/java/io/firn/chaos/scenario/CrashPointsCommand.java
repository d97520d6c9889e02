package io.firn.chaos.scenario;

import io.firn.chaos.fault.CrashPoint;
import io.firn.chaos.fault.CrashPoints;
import io.firn.chaos.process.Trees;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/// `./firn chaos crash-points [NAME...]`.
@Command(
        name = "crash-points",
        mixinStandardHelpOptions = true,
        description =
                "Stops a loaded Firn at each named point, starts it again, checks everything.")
public final class CrashPointsCommand implements Callable<Integer> {
    @Parameters(description = "names, or what they begin with (default: all)")
    private String[] names = {};

    @Option(names = "--list", description = "only prints the names")
    private boolean list;

    @Option(names = "--work", description = "work folder (default: ${DEFAULT-VALUE})")
    private Path work = Path.of(System.getProperty("java.io.tmpdir"), "firn-chaos");

    @Option(names = "--seed", description = "of the passages (default: of the clock)")
    private long seed = System.nanoTime();

    @Override
    public Integer call() throws Exception {
        List<CrashPoint> points = CrashPoints.named(names);
        if (list) {
            points.forEach(p -> System.out.printf("%-30s %s%n", p.name(), p.trigger()));
            return 0;
        }
        if (points.isEmpty()) {
            System.err.println("chaos: no crash point has such a name; --list prints them");
            return 2;
        }
        System.out.printf("%d crash points, seed %d, work in %s%n", points.size(), seed, work);
        Trees.delete(work);
        int failed = new CrashRun(work, System.out, seed).run(points);
        if (failed == 0) {
            Trees.delete(work);
        }
        return failed == 0 ? 0 : 1;
    }
}
