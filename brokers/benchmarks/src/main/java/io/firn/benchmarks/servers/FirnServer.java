package io.firn.benchmarks.servers;

import io.firn.benchmarks.BenchException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `firn standalone` from this checkout's distribution.
public final class FirnServer implements AutoCloseable {
    private static final Duration STARTING = Duration.ofMinutes(5);
    private static final Pattern KAFKA = Pattern.compile("(?m)^ *Kafka +(\\S+:\\d+)");
    private static final Pattern DIRECT = Pattern.compile("(?m)^ *Direct +(\\S+:\\d+)");
    private static final Pattern END_OF_BLOCK = Pattern.compile("(?m)^( *Try .*)$");

    /// No AOT cache is used, and none is made in the background while something is measured.
    public static final Map<String, String> WITHOUT_AOT = Map.of("FIRN_AOT", "off");

    private final Path home;
    private final Path folder;
    private final Map<String, String> environment = new HashMap<>();
    private final int kafkaPort = FreePorts.next();
    private final int controllerPort = FreePorts.next();
    private ServerProcess process;
    private String directAddress = "";

    /// @param home the distribution, with `bin/firn`
    /// @param folder where it keeps data and log
    /// @param durability `strict` or `replicated`
    /// @param aot environment that says whether there is an AOT cache, and where
    public FirnServer(
            Path home, Path folder, String heap, String durability, Map<String, String> aot) {
        this.home = home;
        this.folder = folder;
        environment.put("FIRN_HEAP", heap);
        environment.put("FIRN_JAVA_OPTS", "-XX:-UseDynamicNumberOfCompilerThreads");
        environment.put("FIRN_JAVA_HOME", System.getProperty("java.home"));
        environment.putAll(aot);
        try {
            Files.createDirectories(folder);
            Files.writeString(configuration(), yaml(durability));
        } catch (IOException e) {
            throw new BenchException("Cannot prepare Firn in " + folder + ": " + e, e);
        }
        this.process = launch();
        awaitReady();
    }

    /// The gateway's address.
    public String address() {
        return "127.0.0.1:" + kafkaPort;
    }

    /// The broker's `direct` listener.
    public String directAddress() {
        return directAddress;
    }

    public ServerProcess process() {
        return process;
    }

    /// Starts it again on its data, and returns before it is ready.
    public void restart() {
        process = launch();
    }

    public void awaitReady() {
        process.await(KAFKA, STARTING);
        process.await(END_OF_BLOCK, STARTING);
        Matcher direct = DIRECT.matcher(process.output());
        directAddress = direct.find() ? direct.group(1) : "";
    }

    /// What a gateway in a process of its own needs to join this cluster, as lines of `firn.yaml`.
    String membership() {
        Path keys = data().resolve("keys");
        try {
            return """
            cluster-id: %s
            cluster-key-file: %s
            controller.voters: 3000@127.0.0.1:%d
            """
                    .formatted(
                            Files.readString(keys.resolve("cluster.id")).strip(),
                            keys.resolve("cluster.key"),
                            controllerPort);
        } catch (IOException e) {
            throw new BenchException("Cannot read the cluster's keys: " + e, e);
        }
    }

    Path home() {
        return home;
    }

    Map<String, String> environment() {
        return environment;
    }

    @Override
    public void close() {
        process.close();
    }

    private ServerProcess launch() {
        return ServerProcess.start(
                "firn standalone",
                List.of(
                        home.resolve("bin/firn").toString(),
                        "standalone",
                        "--config",
                        configuration().toString()),
                environment,
                folder.resolve("firn.out"));
    }

    private Path configuration() {
        return folder.resolve("firn.yaml");
    }

    private Path data() {
        return folder.resolve("data");
    }

    private String yaml(String durability) {
        return """
        data: %s
        kafka-port: %d
        catalog-port: 0
        s3-port: 0
        controller.port: %d
        direct.port: 0
        firn.durability: %s
        """
                .formatted(data(), kafkaPort, controllerPort, durability);
    }
}
