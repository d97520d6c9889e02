package io.firn.benchmarks.servers;

import io.firn.benchmarks.limits.Forwarder;
import io.firn.benchmarks.limits.MinimalServer;
import io.firn.benchmarks.limits.SpliceForwarder;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// One of the servers of `limits`, in a process of its own.
public final class LimitServer implements AutoCloseable {
    private static final List<String> FLAGS =
            List.of(
                    "-Xmx512m",
                    "-XX:+UseG1GC",
                    "-XX:-UseDynamicNumberOfCompilerThreads",
                    "--enable-native-access=ALL-UNNAMED");
    private static final Pattern READY = Pattern.compile("is ready: (.*)");

    private final int port = FreePorts.next();
    private final ServerProcess process;

    private LimitServer(String name, Class<?> main, Path log, List<String> more) {
        var args = new java.util.ArrayList<>(List.of(String.valueOf(port)));
        args.addAll(more);
        this.process =
                ServerProcess.start(
                        name,
                        JavaCommand.of(
                                FLAGS, System.getProperty("java.class.path"), main.getName(), args),
                        Map.of(),
                        log);
        process.await(READY, Duration.ofSeconds(30));
    }

    public static LimitServer forwarder(String to, Path folder) {
        int colon = to.lastIndexOf(':');
        return new LimitServer(
                "forwarder",
                Forwarder.class,
                folder.resolve("forwarder.out"),
                List.of(to.substring(0, colon), to.substring(colon + 1)));
    }

    /// @param to a server on the loopback address
    public static LimitServer spliceForwarder(String to, Path folder) {
        int colon = to.lastIndexOf(':');
        return new LimitServer(
                "splice forwarder",
                SpliceForwarder.class,
                folder.resolve("splice.out"),
                List.of(to.substring(0, colon), to.substring(colon + 1)));
    }

    public static LimitServer minimal(Path folder) {
        return new LimitServer(
                "minimal server", MinimalServer.class, folder.resolve("minimal.out"), List.of());
    }

    public static LimitServer ring(Path folder) {
        return new LimitServer(
                "minimal server with ring",
                MinimalServer.class,
                folder.resolve("ring.out"),
                List.of(folder.resolve("ring").toString()));
    }

    public String address() {
        return "127.0.0.1:" + port;
    }

    public ServerProcess process() {
        return process;
    }

    @Override
    public void close() {
        process.close();
    }
}
