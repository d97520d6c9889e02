package io.firn.benchmarks.servers;

import io.firn.benchmarks.BenchException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.regex.Pattern;

/// `firn gateway` in a process of its own, in front of a [FirnServer]'s broker.
public final class FirnGateway implements AutoCloseable {
    private static final Duration STARTING = Duration.ofMinutes(5);
    private static final Pattern READY = Pattern.compile("Firn gateway is ready: (\\S+)");

    private final ServerProcess process;
    private final String address;

    public FirnGateway(FirnServer server, Path folder) {
        try {
            Files.createDirectories(folder);
            Path configuration = folder.resolve("gateway.yaml");
            Files.writeString(
                    configuration,
                    server.membership()
                            + "data: %s\nkafka-port: 0\n".formatted(folder.resolve("data")));
            this.process =
                    ServerProcess.start(
                            "firn gateway",
                            List.of(
                                    server.home().resolve("bin/firn").toString(),
                                    "gateway",
                                    "--config",
                                    configuration.toString()),
                            new HashMap<>(server.environment()),
                            folder.resolve("gateway.out"));
        } catch (IOException e) {
            throw new BenchException("Cannot prepare a gateway in " + folder + ": " + e, e);
        }
        this.address = process.await(READY, STARTING);
    }

    public String address() {
        return address;
    }

    public ServerProcess process() {
        return process;
    }

    @Override
    public void close() {
        process.close();
    }
}
