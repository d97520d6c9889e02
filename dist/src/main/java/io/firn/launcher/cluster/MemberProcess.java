package io.firn.launcher.cluster;

import io.firn.launcher.settings.StartupException;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// A member that was started by this command, with its output in a file. Runs in a session of its
/// own where the system has `setsid`, so that Ctrl-C reaches the command alone, which then stops
/// all in their order.
final class MemberProcess {
    private static final Duration READY = Duration.ofSeconds(120);
    private static final Duration STOP = Duration.ofSeconds(60);
    private static final int TOLD_LINES = 15;

    private final Member member;
    private final Path log;
    private final Process process;
    private final long logStart;
    private final long started;

    private MemberProcess(Member member, Path log, Process process, long logStart) {
        this.member = member;
        this.log = log;
        this.process = process;
        this.logStart = logStart;
        this.started = ClusterState.startOf(process.toHandle());
    }

    /// @param config its `firn.yaml`
    /// @param log gets what it prints, behind what earlier runs printed
    static MemberProcess start(Member member, Path config, Path log) {
        try {
            long logStart = Files.exists(log) ? Files.size(log) : 0;
            var builder =
                    new ProcessBuilder(command(member, config))
                            .redirectErrorStream(true)
                            .redirectInput(
                                    ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            return new MemberProcess(member, log, builder.start(), logStart);
        } catch (IOException e) {
            throw new StartupException(
                    "Cannot start %s: %s.".formatted(member.id(), e.getMessage()), e);
        }
    }

    private static List<String> command(Member member, Path config) {
        var command = new ArrayList<String>();
        for (String setsid : List.of("/usr/bin/setsid", "/bin/setsid")) {
            if (command.isEmpty() && Files.isExecutable(Path.of(setsid))) {
                command.add(setsid);
            }
        }
        String home = System.getProperty("firn.home", "");
        if (home.isEmpty()) {
            command.add(ProcessHandle.current().info().command().orElse("java"));
            command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
            command.addAll(List.of("-cp", System.getProperty("java.class.path")));
            command.add("io.firn.launcher.FirnMain");
        } else {
            command.add(Path.of(home, "bin/firn").toString());
        }
        command.addAll(List.of(member.role().label(), "--config", config.toString()));
        return command;
    }

    Member member() {
        return member;
    }

    Path log() {
        return log;
    }

    long pid() {
        return process.pid();
    }

    /// When it began, in milliseconds.
    long started() {
        return started;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// The exit status of one that has ended, as a shell shows it.
    int exit() {
        return process.exitValue();
    }

    /// Waits until it says that it is ready.
    ///
    /// @throws StartupException when it ends before, or is not ready in time
    void awaitReady() {
        String ready = "Firn %s is ready: ".formatted(member.role().label());
        long deadline = System.nanoTime() + READY.toNanos();
        try {
            while (true) {
                boolean alive = process.isAlive(); // first: what it said last is read below
                for (String line : said()) {
                    if (line.startsWith(ready)) {
                        return;
                    }
                }
                if (!alive) {
                    throw new StartupException(
                            "Cannot start %s: it ended with status %d. It said:%n%s%nAll of it is in %s."
                                    .formatted(member.id(), process.exitValue(), lastLines(), log));
                }
                if (System.nanoTime() > deadline) {
                    throw new StartupException(
                            "Cannot start %s: it is not ready after %d s. See %s."
                                    .formatted(member.id(), READY.toSeconds(), log));
                }
                Thread.sleep(50);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("Cannot start %s: interrupted.".formatted(member.id()), e);
        }
    }

    private List<String> said() {
        try (var in = Files.newByteChannel(log)) {
            in.position(Math.min(logStart, in.size()));
            byte[] bytes = Channels.newInputStream(in).readAllBytes();
            String text = new String(bytes, StandardCharsets.UTF_8);
            return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        } catch (IOException e) {
            throw new StartupException(
                    "Cannot read what %s says in %s: %s.".formatted(member.id(), log, e), e);
        }
    }

    private String lastLines() {
        List<String> said = said();
        Stream<String> last = said.stream().skip(Math.max(0, said.size() - TOLD_LINES));
        return String.join("\n", last.map(line -> "    " + line).toList());
    }

    /// SIGTERM.
    void tellToStop() {
        process.destroy();
    }

    /// Waits until it has ended.
    void awaitEnd() {
        awaitEnd(process.toHandle());
    }

    /// Waits until a process has ended that was told to; what does not end by itself is killed.
    static void awaitEnd(ProcessHandle process) {
        try {
            process.onExit().get(STOP.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ExecutionException e) {
            process.destroyForcibly();
            process.onExit().join();
        }
    }
}
