package io.firn.chaos.process;

import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// A `firn standalone` of a test's own, in a process of its own.
public final class Firn implements AutoCloseable {
    private static final long START_SECONDS = 300;

    private final Process process;
    private final Path log;
    private final Settings settings;

    /// How it is started, again and again.
    ///
    /// @param agent a chaos plan's agent option, or null
    public record Settings(
            Path data,
            Path log,
            int kafkaPort,
            int catalogPort,
            int s3Port,
            Path config,
            @Nullable String agent) {
        public Settings with(@Nullable String otherAgent) {
            return new Settings(data, log, kafkaPort, catalogPort, s3Port, config, otherAgent);
        }

        public String bootstrap() {
            return "127.0.0.1:" + kafkaPort;
        }

        public String catalog() {
            return "http://127.0.0.1:" + catalogPort;
        }
    }

    private Firn(Process process, Settings settings) {
        this.process = process;
        this.log = settings.log();
        this.settings = settings;
    }

    /// Starts the process and does not wait.
    public static Firn launch(Settings settings, List<String> options) throws IOException {
        var command = new ArrayList<>(java("-Xmx640m", jars()));
        command.addAll(options);
        if (settings.agent() != null) {
            command.add(settings.agent());
        }
        command.addAll(
                List.of(
                        "io.firn.launcher.FirnMain",
                        "standalone",
                        "--config",
                        settings.config().toString(),
                        "--data",
                        settings.data().toString(),
                        "--kafka-port",
                        String.valueOf(settings.kafkaPort()),
                        "--catalog-port",
                        String.valueOf(settings.catalogPort()),
                        "--s3-port",
                        String.valueOf(settings.s3Port())));
        Process process =
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(settings.log().toFile()))
                        .start();
        return new Firn(process, settings);
    }

    /// A JVM with this one's classes.
    public static List<String> java(String heap) {
        return java(heap, classPath());
    }

    private static List<String> java(String heap, String classPath) {
        return List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                heap,
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                classPath);
    }

    /// Without folders, such as this module's own: with one a JVM makes no class-data archive.
    private static String jars() {
        return Arrays.stream(classPath().split(File.pathSeparator))
                .filter(entry -> !new File(entry).isDirectory())
                .collect(Collectors.joining(File.pathSeparator));
    }

    static String classPath() {
        return System.getProperty(
                "surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /// @return false when it ended instead
    public boolean awaitReady() throws InterruptedException {
        Thread watch =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        Thread.sleep(START_SECONDS * 1_000);
                                        process.destroyForcibly();
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                });
        try {
            BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith("Firn is ready")) {
                    return true;
                }
            }
        } catch (IOException e) {
            return false;
        } finally {
            watch.interrupt();
        }
        process.waitFor();
        return false;
    }

    public Settings settings() {
        return settings;
    }

    long pid() {
        return process.pid();
    }

    public boolean alive() {
        return process.isAlive();
    }

    /// The exit status; 0 while it runs.
    public int status() {
        return process.isAlive() ? 0 : process.exitValue();
    }

    /// @return false when it still runs after the time
    public boolean awaitEnd(long seconds) throws InterruptedException {
        return process.waitFor(seconds, TimeUnit.SECONDS);
    }

    /// `kill -9`.
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /// SIGTERM, and waits.
    public void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(180, TimeUnit.SECONDS)) {
            kill();
        }
    }

    public String tail(int lines) {
        try {
            List<String> all = Files.readAllLines(log);
            return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
        } catch (IOException e) {
            return "(no log: " + e + ")";
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Postmaster.kill(settings.data());
    }
}
