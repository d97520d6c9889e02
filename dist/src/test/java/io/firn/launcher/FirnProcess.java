package io.firn.launcher;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A `firn` process of a test's own, from this build's classes.
final class FirnProcess implements AutoCloseable {
    private final Process process;
    private final Path log;
    private String kafka = "";
    private String catalog = "";

    private FirnProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /// Starts `firn standalone` on `data` and waits until it is ready.
    static FirnProcess standalone(Path data, int kafkaPort, String... more) {
        var args =
                new ArrayList<>(
                        List.of(
                                "standalone",
                                "--data",
                                data.toString(),
                                "--kafka-port",
                                String.valueOf(kafkaPort),
                                "--catalog-port",
                                "0",
                                "--s3-port",
                                "0"));
        args.addAll(List.of(more));
        FirnProcess firn = run(data.resolveSibling(data.getFileName() + ".log"), args);
        firn.awaitReady();
        return firn;
    }

    /// Starts one role, as `firn init` configured it; [#awaitRole] waits for it.
    static FirnProcess role(String role, Path config) {
        return run(
                config.resolveSibling(config.getFileName() + ".log"),
                List.of(role, "--config", config.toString()));
    }

    /// @return what the role says of its address
    String awaitRole() {
        try {
            BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith("Firn ") && line.contains(" is ready: ")) {
                    keepReading(out);
                    return line.substring(line.indexOf(": ") + 2);
                }
            }
            throw new AssertionError("The role ended before it was ready; it logged:\n" + log());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The program that the property `firn.program` names, as a user runs it; else this build's
    /// classes, on a JVM that starts fast and never compiles well.
    static FirnProcess run(Path log, List<String> args) {
        String program = System.getProperty("firn.program", "");
        var command = new ArrayList<String>();
        if (program.isEmpty()) {
            command.addAll(java("-Xmx768m", "-XX:TieredStopAtLevel=1"));
            command.add("io.firn.launcher.FirnMain");
        } else {
            command.add(program);
        }
        command.addAll(args);
        var builder =
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(Map.of("FIRN_HEAP", "768m", "FIRN_AOT", "off"));
        try {
            return new FirnProcess(builder.start(), log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A JVM of the tests' own kind with their class path; a main class is to follow.
    static List<String> java(String... flags) {
        var command = new ArrayList<String>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.addAll(List.of(flags));
        command.add("-cp");
        command.add(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")));
        return command;
    }

    private void awaitReady() {
        String block = awaitBlock("Try ");
        kafka = find(block, "Kafka\\s+(\\S+:\\d+)");
        catalog = find(block, "Catalog\\s+(http\\S+)");
    }

    /// Waits for what it prints when it is ready.
    ///
    /// @param last how the last line of the block begins
    String awaitBlock(String last) {
        try {
            BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
            var block = new StringBuilder();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                block.append(line).append('\n');
                if (line.strip().startsWith(last)) {
                    break;
                }
            }
            keepReading(out);
            return block.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A process that writes more than a pipe holds stands still until somebody reads. With a
    /// test's logger on the class path it logs here, and every thread that logs waits with the
    /// first.
    private void keepReading(BufferedReader out) {
        Thread.ofPlatform()
                .daemon()
                .name("output-of-" + process.pid())
                .start(
                        () -> {
                            try (var copy =
                                    Files.newBufferedWriter(
                                            log,
                                            StandardOpenOption.CREATE,
                                            StandardOpenOption.APPEND)) {
                                for (String line = out.readLine();
                                        line != null;
                                        line = out.readLine()) {
                                    copy.append(line).append('\n').flush();
                                }
                            } catch (IOException ended) {
                                // with the process, or the test's folder
                            }
                        });
    }

    private String find(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        if (!matcher.find()) {
            throw new AssertionError(
                    "firn was not ready; it printed:\n" + text + "\nand logged:\n" + log());
        }
        return matcher.group(1);
    }

    String kafka() {
        return kafka;
    }

    int kafkaPort() {
        return Integer.parseInt(kafka.substring(kafka.lastIndexOf(':') + 1));
    }

    String catalog() {
        return catalog;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// Memory of the process that is in RAM now, and the most that it ever was, in bytes.
    long rssBytes() {
        return status("VmRSS:");
    }

    long peakRssBytes() {
        return status("VmHWM:");
    }

    private long status(String line) {
        try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            String found = lines.filter(l -> l.startsWith(line)).findFirst().orElse("0 0");
            return Long.parseLong(found.replaceAll("\\D", "")) * 1024;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "(no log: " + e + ")";
        }
    }

    /// `kill -9`.
    void kill() {
        process.destroyForcibly();
        await();
    }

    /// SIGTERM.
    ///
    /// @return the exit status
    int stop() {
        process.destroy();
        return await();
    }

    int await() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("firn did not end within a minute; it logged:\n" + log());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        await();
    }
}
