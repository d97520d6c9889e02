package io.firn.benchmarks;

import io.firn.benchmarks.loads.Backfill;
import io.firn.benchmarks.loads.BackfillReport;
import io.firn.benchmarks.loads.Session;
import io.firn.benchmarks.loads.Sizes;
import io.firn.benchmarks.report.DocsPage;
import io.firn.benchmarks.report.Lines;
import io.firn.benchmarks.servers.Subject;
import io.firn.benchmarks.servers.Testbed;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/// `./firn bench backfill`: producers at a fixed rate, with and without a consumer that reads
/// everything that is cold; then the same with Apache Kafka, whose history is on its disk.
@Command(
        name = "backfill",
        mixinStandardHelpOptions = true,
        description =
                "Measures producers' latency while a consumer reads a cold history, and without.")
final class BackfillCommand implements Callable<Integer> {
    private static final List<Subject> SUBJECTS = List.of(Subject.STANDALONE, Subject.KAFKA);

    @ParentCommand private BenchCommand bench = new BenchCommand();

    @Option(
            names = "--rounds",
            description = "pairs of phases without and with it (default: ${DEFAULT-VALUE})")
    private int rounds = 6;

    @Option(names = "--seconds", description = "of a phase (default: ${DEFAULT-VALUE})")
    private int seconds = 15;

    @Option(names = "--history", description = "MiB of history (default: ${DEFAULT-VALUE})")
    private int history = 768;

    @Option(
            names = "--rate",
            description = "requests a second of all producers (default: ${DEFAULT-VALUE})")
    private double rate = 500;

    @Option(
            names = "--of",
            split = ",",
            paramLabel = "SERVER",
            description = "standalone, kafka or both (default: ${DEFAULT-VALUE})")
    private List<String> servers = SUBJECTS.stream().map(Subject::key).toList();

    @Option(names = "--keep", description = "writes table and picture into docs/benchmarks.md")
    private boolean keep;

    @Override
    public Integer call() throws Exception {
        Places places = bench.places();
        List<Subject> subjects = servers.stream().map(BackfillCommand::subject).toList();
        var plan =
                new Backfill.Plan(Duration.ofSeconds(seconds), rounds, (long) history << 20, rate);
        try (var work = new WorkFolder(places.work());
                var testbed = new Testbed(places.installation(), work.path());
                var session = new Session(testbed, Sizes.DEFAULT)) {
            var report =
                    new BackfillReport(
                            plan,
                            subjects.stream()
                                    .map(subject -> new Backfill(session, plan, subject).run())
                                    .toList());
            String table = report.table();
            System.out.println(table);
            if (keep) {
                DocsPage.put(
                        places.docsPage(),
                        "backfill",
                        table + "\n" + places.origin().line(),
                        "backfill.svg",
                        Lines.svg(report.picture()));
            }
            return 0;
        }
    }

    private static Subject subject(String server) {
        return SUBJECTS.stream()
                .filter(subject -> subject.key().equals(server))
                .findFirst()
                .orElseThrow(
                        () ->
                                new BenchException(
                                        "A backfill of '%s' cannot be measured; there are standalone and kafka"
                                                .formatted(server)));
    }
}
