package io.firn.launcher.command;

import io.firn.launcher.cluster.ClusterControl;
import io.firn.launcher.cluster.LocalCluster;
import io.firn.launcher.cluster.Shape;
import io.firn.protocol.CloseStack;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.Path;
import java.util.concurrent.Callable;

/// `firn cluster`: every role as a process of its own on this machine, and from a second terminal
/// what to play with.
@Command(
        name = "cluster",
        mixinStandardHelpOptions = true,
        description =
                "Runs a cluster on this machine, every role as a process of its own, with embedded Postgres and S3.",
        subcommands = {
            ClusterCommand.Status.class,
            ClusterCommand.Stop.class,
            ClusterCommand.Start.class
        })
public final class ClusterCommand implements Callable<Integer> {
    private static final String DATA = "./firn-cluster";

    @Option(names = "--controllers", description = "Raft voters (default: 3)")
    private int controllers = 3;

    @Option(names = "--brokers", description = "brokers (default: 1; more when brokers replicate)")
    private int brokers = 1;

    @Option(names = "--gateways", description = "gateways (default: 2)")
    private int gateways = 2;

    @Option(names = "--data", description = "the cluster's folder (default: ./firn-cluster)")
    private Path data = Path.of(DATA);

    @Option(
            names = "--kafka-port",
            description =
                    "Kafka address of the first gateway, the others follow (default: 9092; 0: free ports)")
    private int kafkaPort = 9092;

    @Option(names = "--catalog-port", description = "catalog (default: 8080; 0: a free port)")
    private int catalogPort = 8080;

    @Option(names = "--s3-port", description = "embedded S3 (default: 9000; 0: a free port)")
    private int s3Port = 9000;

    @Override
    public Integer call() throws Exception {
        Shape shape = new Shape(controllers, brokers, gateways);
        CloseStack parts = new CloseStack("cluster");
        LocalCluster cluster =
                StopSignal.startUntilSignal(
                        parts,
                        () ->
                                LocalCluster.start(
                                        data,
                                        shape,
                                        kafkaPort,
                                        catalogPort,
                                        s3Port,
                                        System.out,
                                        parts));
        System.out.println(cluster.ready());
        cluster.watch();
        return 0;
    }

    /// What the three have in common.
    abstract static class Control implements Callable<Integer> {
        @Option(names = "--data", description = "the cluster's folder (default: ./firn-cluster)")
        private Path data = Path.of(DATA);

        ClusterControl control() {
            return ClusterControl.of(data);
        }
    }

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description =
                    "Who runs, where, and how it is; exit status 1 when one is down or in trouble.")
    static final class Status extends Control {
        @Option(
                names = {"-o", "--output"},
                description = "text or json (default: text)")
        private ClusterControl.Format format = ClusterControl.Format.text;

        @Override
        public Integer call() {
            ClusterControl.Status status = control().status();
            System.out.println(status.as(format));
            return status.isWell() ? 0 : 1;
        }
    }

    /// What is done to one process.
    abstract static class OfOne extends Control {
        @Parameters(description = "such as broker-1")
        private @Nullable String id;

        @Override
        public Integer call() {
            System.out.println(act(control(), String.valueOf(id)));
            return 0;
        }

        /// @return what was done, in words
        abstract String act(ClusterControl control, String id);
    }

    @Command(
            name = "stop",
            mixinStandardHelpOptions = true,
            description = "Stops one process; it stays down until it is started.")
    static final class Stop extends OfOne {
        @Override
        String act(ClusterControl control, String id) {
            return control.stop(id);
        }
    }

    @Command(
            name = "start",
            mixinStandardHelpOptions = true,
            description = "Starts one process that was stopped or killed.")
    static final class Start extends OfOne {
        @Override
        String act(ClusterControl control, String id) {
            return control.start(id);
        }
    }
}
