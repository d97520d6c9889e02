package io.firn.benchmarks;

import io.firn.benchmarks.loads.Soak;
import io.firn.benchmarks.report.DocsPage;
import io.firn.benchmarks.report.Lines;
import io.firn.benchmarks.servers.ObservedFirn;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

import java.time.Duration;
import java.util.concurrent.Callable;

/// `./firn bench soak`: a mixed load for a long time, within the memory budget or not.
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        description =
                "Runs a mixed load and fails when Firn exceeds its memory budget or keeps growing.")
final class SoakCommand implements Callable<Integer> {
    private static final int SAMPLES = 60;

    @ParentCommand private BenchCommand bench = new BenchCommand();

    @Option(names = "--minutes", description = "how long (default: ${DEFAULT-VALUE})")
    private int minutes = 30;

    @Option(names = "--keep", description = "writes table and picture into docs/benchmarks.md")
    private boolean keep;

    @Override
    public Integer call() throws Exception {
        Places places = bench.places();
        Duration time = Duration.ofMinutes(minutes);
        Duration every = Duration.ofSeconds(Math.max(5, time.toSeconds() / SAMPLES));
        try (var work = new WorkFolder(places.work());
                var firn = new ObservedFirn(places.installation(), work.path())) {
            Soak.Outcome outcome = new Soak(firn, time, every).run();
            System.out.println(outcome.table());
            if (keep) {
                DocsPage.put(
                        places.docsPage(),
                        "soak",
                        outcome.table() + "\n" + places.origin().line(),
                        "soak.svg",
                        Lines.svg(outcome.picture()));
            }
            return outcome.problems().isEmpty() ? 0 : 1;
        }
    }
}
