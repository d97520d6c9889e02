package io.firn.benchmarks;

import io.firn.benchmarks.loads.MemoryCosts;
import io.firn.benchmarks.report.DocsPage;
import io.firn.benchmarks.servers.ObservedFirn;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

import java.util.concurrent.Callable;

/// `./firn bench memory`: what a connection, a partition and a waiting request cost.
@Command(
        name = "memory",
        mixinStandardHelpOptions = true,
        description = "Measures what one connection, partition and waiting request cost in memory.")
final class MemoryCommand implements Callable<Integer> {
    @ParentCommand private BenchCommand bench = new BenchCommand();

    @Option(names = "--count", description = "of each kind (default: ${DEFAULT-VALUE})")
    private int count = 1_000;

    @Option(names = "--keep", description = "writes the table into docs/operating/memory.md")
    private boolean keep;

    @Override
    public Integer call() throws Exception {
        Places places = bench.places();
        try (var work = new WorkFolder(places.work());
                var firn = new ObservedFirn(places.installation(), work.path())) {
            String table = MemoryCosts.table(new MemoryCosts(firn, count).run());
            System.out.println(table);
            if (keep) {
                DocsPage.put(places.memoryPage(), "memory", table + "\n" + places.origin().line());
            }
            return 0;
        }
    }
}
