package io.firn.benchmarks;

import io.firn.benchmarks.loads.IdlePartitions;
import io.firn.benchmarks.report.DocsPage;
import io.firn.benchmarks.servers.ObservedFirn;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

import java.time.Duration;
import java.util.concurrent.Callable;

/// `./firn bench idle-partitions`: how many partitions that nobody uses fit into one broker.
@Command(
        name = "idle-partitions",
        mixinStandardHelpOptions = true,
        description = "Makes many partitions and measures what one that nobody uses costs.")
final class IdlePartitionsCommand implements Callable<Integer> {
    @ParentCommand private BenchCommand bench = new BenchCommand();

    @Option(names = "--partitions", description = "in all (default: ${DEFAULT-VALUE})")
    private int partitions = 100_000;

    @Option(names = "--steps", description = "with a sample each (default: ${DEFAULT-VALUE})")
    private int steps = 5;

    @Option(
            names = "--idle",
            description = "seconds that the idle server is watched (default: ${DEFAULT-VALUE})")
    private int idle = 30;

    @Option(names = "--histogram", description = "shows what the heap is full of")
    private boolean histogram;

    @Option(names = "--keep", description = "writes the table into docs/operating/memory.md")
    private boolean keep;

    @Override
    public Integer call() throws Exception {
        Places places = bench.places();
        try (var work = new WorkFolder(places.work());
                var firn = new ObservedFirn(places.installation(), work.path())) {
            var load = new IdlePartitions(firn, partitions, steps, Duration.ofSeconds(idle));
            IdlePartitions.Outcome outcome = load.run();
            String table = IdlePartitions.table(outcome);
            System.out.println(table);
            if (keep) {
                DocsPage.put(
                        places.memoryPage(),
                        "idle-partitions",
                        table + "\n" + places.origin().line());
            }
            if (histogram) {
                System.out.println(outcome.histogram());
            }
            return 0;
        }
    }
}
