package io.firn.benchmarks;

import io.firn.benchmarks.loads.Load;
import io.firn.benchmarks.loads.Loads;
import io.firn.benchmarks.loads.Session;
import io.firn.benchmarks.loads.Sizes;
import io.firn.benchmarks.report.LoadResult;
import io.firn.benchmarks.report.Machine;
import io.firn.benchmarks.report.Results;
import io.firn.benchmarks.report.Tables;
import io.firn.benchmarks.servers.ApacheKafka;
import io.firn.benchmarks.servers.Installation;
import io.firn.benchmarks.servers.PageCache;
import io.firn.benchmarks.servers.Subject;
import io.firn.benchmarks.servers.Testbed;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/// `./firn bench`: measures, prints tables, and keeps what a full run gave.
@Command(
        name = "firn bench",
        mixinStandardHelpOptions = true,
        description = "Measures Firn beside Apache Kafka on this machine.",
        subcommands = {
            ReportCommand.class,
            ProfileCommand.class,
            BackfillCommand.class,
            SoakCommand.class,
            MemoryCommand.class,
            IdlePartitionsCommand.class
        })
final class BenchCommand implements Callable<Integer> {
    private static final int ROUNDS = 3;
    private static final int QUICK_ROUNDS = 1;
    private static final int FIRST_WARM_UPS = 3;

    @Option(names = "--quick", description = "one short round of each load; keeps nothing")
    private boolean quick;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "LOAD",
            description = "only these loads (see --list)")
    private List<String> only = List.of();

    @Option(names = "--list", description = "lists the loads and ends")
    private boolean list;

    @Option(names = "--rounds", description = "counted rounds of each load (default: 3; quick: 1)")
    private int rounds;

    @Option(
            names = "--against",
            split = ",",
            paramLabel = "DOOR",
            description = "Firn's doors to measure: direct, gateway, standalone (default: all)")
    private List<String> against = List.of("direct", "gateway", "standalone");

    @Option(
            names = "--page-cache-as-is",
            description = "do not fill the page cache before each run")
    private boolean asItIs;

    @Mixin private Places places = new Places();

    @Override
    public Integer call() throws Exception {
        if (list) {
            Loads.all().forEach(l -> System.out.printf("%-26s %s%n", l.name(), l.title()));
            return 0;
        }
        List<Load> loads = chosen();
        Installation installation = places.installation();
        int counted = rounds > 0 ? rounds : quick ? QUICK_ROUNDS : ROUNDS;
        var results = new ArrayList<LoadResult>();
        try (var work = new WorkFolder(places.work());
                var pageCache = new PageCache(work.path());
                var testbed = new Testbed(installation, work.path());
                var session = new Session(testbed, quick ? Sizes.QUICK : Sizes.DEFAULT)) {
            var machine = Machine.here(work.path());
            var origin = places.origin();
            var runner =
                    new Runner(
                            session,
                            pageCache,
                            this::wanted,
                            counted,
                            quick ? 1 : FIRST_WARM_UPS,
                            !asItIs);
            for (Load load : loads) {
                if (load.subjects().stream().filter(Subject::isFirn).noneMatch(this::wanted)) {
                    System.err.printf("%s: not by the doors asked for%n", load.name());
                    continue;
                }
                LoadResult result = runner.run(load, origin);
                results.add(result);
                System.out.println(Tables.of(result));
            }
            keep(new Results(machine, ApacheKafka.VERSION, installation.heap(), results));
        }
        return 0;
    }

    Places places() {
        return places;
    }

    private void keep(Results results) {
        if (!quick) {
            places.keep(results);
        }
    }

    private boolean wanted(Subject subject) {
        return !subject.isFirn() || against.contains(subject.door());
    }

    private List<Load> chosen() {
        return only.isEmpty() ? Loads.all() : only.stream().distinct().map(Loads::named).toList();
    }
}
