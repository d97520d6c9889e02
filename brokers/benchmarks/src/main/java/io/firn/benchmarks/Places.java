package io.firn.benchmarks;

import io.firn.benchmarks.loads.Load;
import io.firn.benchmarks.loads.Loads;
import io.firn.benchmarks.report.DocsPage;
import io.firn.benchmarks.report.LoadResult;
import io.firn.benchmarks.report.Results;
import io.firn.benchmarks.servers.Installation;

import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/// Where everything lies; `./firn bench` knows, so nobody types these.
final class Places {
    @Option(names = "--root", hidden = true, description = "the source checkout")
    private Path root = Path.of(".");

    @Option(
            names = "--work",
            paramLabel = "DIR",
            description = "where servers keep their data while they are measured (default: /tmp)")
    private Path work = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(
            names = "--heap",
            paramLabel = "SIZE",
            description = "heap of each server (default: 1g)")
    private String heap = "1g";

    @Option(names = "--command", hidden = true, description = "the command as it was typed")
    private String command = "./firn bench";

    Path work() {
        return work;
    }

    Installation installation() {
        return new Installation(
                root.resolve("dist/target/firn/firn").toAbsolutePath(),
                root.resolve("brokers/benchmarks/kafka/target/lib").toAbsolutePath(),
                heap);
    }

    LoadResult.Origin origin() {
        return new LoadResult.Origin(
                LocalDate.now(ZoneOffset.UTC).toString(),
                git("rev-parse", "--short=10", "HEAD")
                        + (git("status", "--porcelain", "--untracked-files=no").isEmpty()
                                ? ""
                                : "+"),
                command);
    }

    Path resultsFile() {
        return root.resolve("brokers/benchmarks/results/results.json");
    }

    /// Puts these figures in the place of older ones of the same loads.
    void keep(Results results) {
        List<String> order = Loads.all().stream().map(Load::name).toList();
        Path file = resultsFile();
        Results all = Files.exists(file) ? Results.read(file).merged(results, order) : results;
        all.write(file);
        publish(all);
    }

    /// Tables and pictures of `docs/`.
    void publish(Results results) {
        DocsPage.update(docsPage(), results);
        System.err.printf("Results are in %s, and shown in %s%n", resultsFile(), docsPage());
    }

    Path memoryPage() {
        return root.resolve("docs/operating/memory.md");
    }

    Path docsPage() {
        return root.resolve("docs/benchmarks.md");
    }

    Path root() {
        return root;
    }

    private String git(String... args) {
        try {
            var line = new java.util.ArrayList<>(List.of("git", "-C", root.toString()));
            line.addAll(List.of(args));
            Process process =
                    new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .strip();
        } catch (IOException e) {
            return "";
        }
    }
}
