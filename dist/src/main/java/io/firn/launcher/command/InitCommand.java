package io.firn.launcher.command;

import io.firn.launcher.cluster.ClusterFiles;
import io.firn.launcher.cluster.Shape;
import io.firn.launcher.settings.StartupException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/// `firn init DIR`: a new cluster's id and keys, and a `firn.yaml` for each process. Nothing
/// starts; nothing that is there is overwritten.
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = "Makes cluster id, keys and a configuration file for each separate process.")
public final class InitCommand implements Callable<Integer> {
    @Parameters(description = "a new folder for them")
    private @Nullable Path dir;

    @Option(names = "--controllers", description = "Raft voters: 1, 3, 5 or 7 (default: 1)")
    private int controllers = 1;

    @Option(names = "--brokers", description = "brokers (default: 1; more when brokers replicate)")
    private int brokers = 1;

    @Option(names = "--gateways", description = "gateways (default: 2)")
    private int gateways = 2;

    @Override
    public Integer call() {
        if (dir == null) {
            throw new StartupException("Cannot make a cluster: name a folder, firn init DIR.");
        }
        Path folder = dir.toAbsolutePath().normalize();
        var starts = ClusterFiles.make(folder, new Shape(controllers, brokers, gateways));
        System.out.println(
                """
                A new cluster in %s. Start its processes in this order, each in a terminal of its own:
                %s
                A Postgres and an S3 of your own take the place of the backends.
                The files hold keys: keep them private. Ports, addresses and data folders are theirs to change."""
                        .formatted(
                                folder,
                                starts.stream()
                                        .map(start -> "  firn " + start)
                                        .collect(Collectors.joining("\n"))));
        return 0;
    }
}
