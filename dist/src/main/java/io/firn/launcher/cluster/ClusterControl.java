package io.firn.launcher.cluster;

import io.firn.launcher.settings.StartupException;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What a second terminal does with a cluster that runs on this machine.
public final class ClusterControl {
    private static final Duration ANSWER = Duration.ofSeconds(3);
    private static final Duration READY = Duration.ofSeconds(150);
    private static final long LOOK_MILLIS = 100;

    private static final Pattern STATUS = Pattern.compile("\"status\" *: *\"(\\w+)\"");

    private final Path folder;
    private final ClusterState state;

    /// How a status is printed.
    @SuppressWarnings("checkstyle:ConstantName")
    public enum Format {
        text,
        json
    }

    private ClusterControl(Path folder, ClusterState state) {
        this.folder = folder;
        this.state = state;
    }

    /// @throws StartupException when no cluster was ever started in the folder
    public static ClusterControl of(Path data) {
        Path folder = data.toAbsolutePath().normalize();
        return new ClusterControl(
                folder,
                ClusterState.read(folder)
                        .orElseThrow(
                                () ->
                                        new StartupException(
                                                "There is no cluster in %s. Start one with firn cluster --data %s, or name its folder with --data."
                                                        .formatted(folder, data))));
    }

    /// @param state `down`, `starting`, `silent` (runs, but does not say how it is), `ready`, or
    ///     what it says of itself: `UP`, `DEGRADED`, `DOWN`
    public record Process(
            String id, long pid, String state, String address, String log, String why) {}

    /// @param running whether the command that started them still runs
    public record Status(boolean running, List<Process> processes) {
        /// Whether nothing is down or in trouble.
        public boolean isWell() {
            return running
                    && processes.stream()
                            .allMatch(one -> List.of("UP", "ready").contains(one.state()));
        }

        public String as(Format format) {
            return format == Format.json ? ClusterState.json(this) : text();
        }

        private String text() {
            String lines =
                    processes.stream()
                            .map(
                                    one ->
                                            "%-16s %-9s pid %-8d %s  %s%s"
                                                    .formatted(
                                                            one.id(),
                                                            one.state(),
                                                            one.pid(),
                                                            one.address(),
                                                            one.log(),
                                                            one.why().isEmpty()
                                                                    ? ""
                                                                    : "\n    " + one.why()))
                            .collect(Collectors.joining("\n"));
            return running
                    ? lines
                    : lines + "\nThe command that started them does not run any more.";
        }
    }

    public Status status() {
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build()) {
            return new Status(
                    state.isRunning(),
                    state.members().stream().map(entry -> process(http, entry)).toList());
        }
    }

    private static Process process(HttpClient http, ClusterState.Entry entry) {
        String why = entry.trouble() == null ? "" : entry.trouble();
        String state = "down";
        if (entry.process().isPresent()) {
            state = entry.runsAndIsReady() ? "ready" : "starting";
            if (entry.runsAndIsReady() && !entry.health().isEmpty()) {
                try {
                    String said = health(http, entry.health());
                    Matcher status = STATUS.matcher(said);
                    state = status.find() ? status.group(1) : "silent";
                    why = state.equals("UP") ? why : said;
                } catch (IOException e) {
                    state = "silent";
                    why = "%s does not answer: %s".formatted(entry.health(), e);
                }
            }
        }
        return new Process(entry.id(), entry.pid(), state, entry.address(), entry.log(), why);
    }

    private static String health(HttpClient http, String url) throws IOException {
        try {
            var request = HttpRequest.newBuilder(URI.create(url)).timeout(ANSWER).build();
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /// Tells a process to stop and waits until it has ended.
    ///
    /// @return what was done, in words
    public String stop(String id) {
        ClusterState.Entry entry = state.require(id);
        return entry.process()
                .map(
                        process -> {
                            LocalCluster.stop(process);
                            return "%s (pid %d) has stopped. Start it again with: firn cluster start %s --data %s"
                                    .formatted(id, entry.pid(), id, folder);
                        })
                .orElse("%s is down already.".formatted(id));
    }

    /// Asks the command that runs the cluster to start a process, and waits until it is ready.
    ///
    /// @return what was done, in words
    /// @throws StartupException when it cannot start, or nobody is there to start it
    public String start(String id) {
        ClusterState.Entry before = state.require(id);
        if (!state.isRunning()) {
            throw new StartupException(
                    "Cannot start %s: the command that ran the cluster has ended. Start all with: firn cluster --data %s"
                            .formatted(id, folder));
        }
        if (before.process().isPresent()) {
            return "%s runs already (pid %d).".formatted(id, before.pid());
        }
        ask(id);
        long deadline = System.nanoTime() + READY.toNanos();
        while (System.nanoTime() < deadline) {
            ClusterState.Entry now = ClusterState.read(folder).orElse(state).require(id);
            if (now.pid() != before.pid() && now.runsAndIsReady()) {
                return "%s is ready (pid %d) at %s".formatted(id, now.pid(), now.address());
            }
            if (now.pid() != before.pid() && now.trouble() != null) {
                throw new StartupException(String.valueOf(now.trouble()));
            }
            sleep();
        }
        throw new StartupException(
                "Cannot start %s: it is not ready after %d s. See %s."
                        .formatted(id, READY.toSeconds(), before.log()));
    }

    private void ask(String id) {
        try {
            Files.createFile(LocalCluster.request(folder, id));
        } catch (FileAlreadyExistsException asked) {
            return; // by somebody else, too
        } catch (IOException e) {
            throw new StartupException("Cannot ask for the start of %s: %s.".formatted(id, e), e);
        }
    }

    private static void sleep() {
        try {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("Interrupted.", e);
        }
    }
}
