package io.firn.benchmarks;

import io.firn.benchmarks.loads.Load;
import io.firn.benchmarks.loads.Loads;
import io.firn.benchmarks.loads.Session;
import io.firn.benchmarks.loads.Sizes;
import io.firn.benchmarks.profile.Profiler;
import io.firn.benchmarks.profile.Shares;
import io.firn.benchmarks.report.DocsPage;
import io.firn.benchmarks.servers.PageCache;
import io.firn.benchmarks.servers.Subject;
import io.firn.benchmarks.servers.Testbed;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/// `./firn bench profile LOAD`: where the server's CPU goes under that load.
@Command(
        name = "profile",
        mixinStandardHelpOptions = true,
        description =
                "Runs one load with async-profiler in the server, and says where its CPU goes.")
final class ProfileCommand implements Callable<Integer> {
    private static final int ROWS = 25;

    @ParentCommand private BenchCommand bench = new BenchCommand();

    @Parameters(paramLabel = "LOAD", description = "as ./firn bench --list names it")
    private String load = "";

    @Option(
            names = "--subject",
            description = "whose CPU: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Subject subject = Subject.DIRECT;

    @Option(names = "--runs", description = "runs under the profiler (default: ${DEFAULT-VALUE})")
    private int runs = 3;

    @Option(names = "--warm-ups", description = "runs before it (default: ${DEFAULT-VALUE})")
    private int warmUps = 3;

    @Option(names = "--keep", description = "writes the table into docs/benchmarks.md")
    private boolean keep;

    @Override
    public Integer call() throws Exception {
        Load chosen = Loads.named(load);
        Places places = bench.places();
        Path out = places.root().resolve("brokers/benchmarks/target/profile");
        Files.createDirectories(out);
        try (var work = new WorkFolder(places.work());
                var pageCache = new PageCache(work.path());
                var testbed = new Testbed(places.installation(), work.path());
                var session = new Session(testbed, Sizes.DEFAULT)) {
            var profiler = new Profiler(work.path());
            chosen.prepare(session, subject);
            run(chosen, session, pageCache, 0, warmUps);
            List<Long> pids = session.target(subject).pids();
            pids.forEach(profiler::start);
            run(chosen, session, pageCache, warmUps, warmUps + runs);
            for (int i = 0; i < pids.size(); i++) {
                String name = "%s-%s%s".formatted(load, subject.key(), i == 0 ? "" : "-broker");
                Path collapsed = out.resolve(name + ".collapsed");
                Path flameGraph = out.resolve(name + ".html");
                profiler.stop(pids.get(i), collapsed, flameGraph);
                System.out.printf("%s (flame graph: %s)%n%n", name, flameGraph);
                String table = Shares.of(Files.readAllLines(collapsed)).table(ROWS);
                System.out.println(table);
                if (keep) {
                    DocsPage.put(
                            places.docsPage(),
                            "profile " + name,
                            table + "\n" + places.origin().line());
                }
            }
            chosen.finish(session, subject);
        }
        return 0;
    }

    private void run(Load chosen, Session session, PageCache pageCache, int from, int to) {
        for (int i = from; i < to; i++) {
            if (chosen.fillsPageCache()) {
                pageCache.fill();
            }
            Runner.progress(chosen, subject, i, chosen.run(session, subject, i));
        }
    }
}
