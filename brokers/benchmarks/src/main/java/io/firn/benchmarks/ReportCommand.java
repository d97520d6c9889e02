package io.firn.benchmarks;

import io.firn.benchmarks.report.Results;

import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

import java.util.concurrent.Callable;

/// `./firn bench report`: tables and pictures again from the results that are kept.
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Writes the tables and pictures of docs/benchmarks.md from the kept results.")
final class ReportCommand implements Callable<Integer> {
    @ParentCommand private BenchCommand bench = new BenchCommand();

    @Override
    public Integer call() {
        Places places = bench.places();
        places.publish(Results.read(places.resultsFile()));
        return 0;
    }
}
