package io.firn.benchmarks.servers;

import io.firn.benchmarks.BenchException;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Apache Kafka's own server in KRaft combined mode, from its jars on Maven Central.
///
/// It runs with the JVM flags of its start script, its default threads, and the index sizes that
/// Firn has; nothing is switched off.
public final class ApacheKafka implements AutoCloseable {
    public static final String VERSION = "4.3.1";
    private static final long STARTING_NANOS = 300_000_000_000L;
    private static final String CLUSTER_ID = "MkU3OEVBNTcwNTJENDM2Qg";

    private final Path folder;
    private final List<String> flags;
    private final String classPath;
    private final int port = FreePorts.next();
    private ServerProcess process;

    /// @param lib the folder with Apache Kafka's jars
    /// @param folder where it keeps its data; formatted here, so it has to be fresh
    public ApacheKafka(Path lib, Path folder, String heap) {
        this.folder = folder;
        this.flags =
                List.of(
                        "-Xmx" + heap,
                        "-Xms" + heap,
                        "-server",
                        "-XX:+UseG1GC",
                        "-XX:MaxGCPauseMillis=20",
                        "-XX:InitiatingHeapOccupancyPercent=35",
                        "-XX:+ExplicitGCInvokesConcurrent",
                        "-XX:-UseDynamicNumberOfCompilerThreads");
        this.classPath = lib + "/*";
        try {
            Files.createDirectories(folder);
            Files.writeString(configuration(), properties());
            run("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", configuration() + "");
        } catch (IOException e) {
            throw new BenchException("Cannot prepare Apache Kafka in " + folder + ": " + e, e);
        }
        this.process = launch();
        awaitListening();
    }

    public String address() {
        return "127.0.0.1:" + port;
    }

    public ServerProcess process() {
        return process;
    }

    /// Starts it again on its data, and returns before it is ready.
    public void restart() {
        process = launch();
    }

    /// Waits until the port accepts a connection.
    public void awaitListening() {
        long deadline = System.nanoTime() + STARTING_NANOS;
        while (true) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
                return;
            } catch (IOException e) {
                process.requireAlive();
                if (System.nanoTime() > deadline) {
                    throw new BenchException("Apache Kafka did not listen within five minutes", e);
                }
                ServerProcess.pause();
            }
        }
    }

    @Override
    public void close() {
        process.close();
    }

    private ServerProcess launch() {
        return ServerProcess.start(
                "Apache Kafka",
                JavaCommand.of(
                        flags, classPath, "kafka.Kafka", List.of(configuration().toString())),
                Map.of(),
                folder.resolve("kafka.out"));
    }

    private Path configuration() {
        return folder.resolve("server.properties");
    }

    private String properties() {
        int controller = FreePorts.next();
        return """
        process.roles=broker,controller
        node.id=1
        controller.quorum.voters=1@127.0.0.1:%2$d
        listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
        advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
        controller.listener.names=CONTROLLER
        log.dirs=%3$s/data
        offsets.topic.replication.factor=1
        group.initial.rebalance.delay.ms=100
        log.index.size.max.bytes=1048576
        log.index.interval.bytes=16384
        log.segment.delete.delay.ms=1000
        """
                .formatted(port, controller, folder);
    }

    private void run(String main, String... args) throws IOException {
        Path out = folder.resolve("format.out");
        try {
            int status =
                    new ProcessBuilder(JavaCommand.of(flags, classPath, main, List.of(args)))
                            .redirectErrorStream(true)
                            .redirectOutput(out.toFile())
                            .start()
                            .waitFor();
            if (status != 0) {
                throw new BenchException(
                        "%s ended with status %d: %s"
                                .formatted(main, status, Files.readString(out)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("Interrupted", e);
        }
    }
}
