package io.firn.benchmarks.servers;

import io.firn.benchmarks.BenchException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A process of ours whose output goes to a log file, which is also how it says that it is ready.
public final class ServerProcess implements AutoCloseable {
    private static final Duration STOPPING = Duration.ofSeconds(60);

    private final String name;
    private final Process process;
    private final Path log;

    private ServerProcess(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    public static ServerProcess start(
            String name, List<String> command, Map<String, String> environment, Path log) {
        try {
            var builder = new ProcessBuilder(command);
            builder.environment().putAll(environment);
            builder.redirectErrorStream(true).redirectOutput(log.toFile());
            Process process = builder.start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "stop " + name));
            return new ServerProcess(name, process, log);
        } catch (IOException e) {
            throw new BenchException("Cannot start %s: %s".formatted(name, e.getMessage()), e);
        }
    }

    /// The first group of the pattern's first match in what the process has printed.
    public String await(Pattern pattern, Duration atMost) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (true) {
            Matcher matcher = pattern.matcher(output());
            if (matcher.find()) {
                return matcher.group(1);
            }
            requireAlive();
            if (System.nanoTime() > deadline) {
                throw new BenchException(
                        "%s was not ready after %d s; it printed:\n%s"
                                .formatted(name, atMost.toSeconds(), tail()));
            }
            pause();
        }
    }

    public void requireAlive() {
        if (!process.isAlive()) {
            throw new BenchException(
                    "%s ended with status %d; it printed:\n%s"
                            .formatted(name, process.exitValue(), tail()));
        }
    }

    public long pid() {
        return process.pid();
    }

    /// This process and those that it has started (Firn's embedded Postgres, for example).
    public List<Long> pidsWithDescendants() {
        return java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(process.toHandle()), process.descendants())
                .map(ProcessHandle::pid)
                .toList();
    }

    public String output() {
        try {
            return Files.readString(log, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /// `kill -9`.
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /// SIGTERM, then `kill -9` after a minute.
    @Override
    public void close() {
        process.destroy();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(STOPPING.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                process.waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private String tail() {
        String text = output();
        return text.substring(Math.max(0, text.length() - 2000));
    }

    /// Between two looks at a server that starts; it needs the CPU itself.
    static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("Interrupted", e);
        }
    }
}
