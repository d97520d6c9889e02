package io.firn.chaos.fault;

import io.firn.chaos.agent.ChaosAgent;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/// The agent's jar and its plans, in a work folder.
public final class Agent {
    /// What makes rare work frequent enough for a test: none of it changes what the work does.
    private static final List<String> PACE =
            List.of(
                    "value\tio.firn.log.LogSettings\thousekeeping\tPT1S",
                    "value\tio.firn.catalog.CatalogConfig$Timing\tmaintenanceInterval\tPT2S",
                    "value\tio.firn.catalog.CatalogConfig$Timing\tkeepSnapshots\tPT3S",
                    "value\tio.firn.catalog.CatalogConfig$Timing\tkeepLast\t2");
    private static final List<String> CLASSES =
            List.of(
                    "ChaosAgent",
                    "Gate",
                    "Injector",
                    "Injector$Calls",
                    "Site",
                    "Site$Crash",
                    "Site$Fail",
                    "Site$Value");

    private final Path folder;
    private final Path jar;
    private int plans;

    public Agent(Path folder) {
        this.folder = folder;
        this.jar = folder.resolve("chaos-agent.jar");
        write();
    }

    private void write() {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(new Attributes.Name("Premain-Class"), ChaosAgent.class.getName());
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest)) {
            for (String name : CLASSES) {
                String entry = "io/firn/chaos/agent/" + name + ".class";
                out.putNextEntry(new JarEntry(entry));
                try (InputStream in = Agent.class.getResourceAsStream("/" + entry)) {
                    if (in == null) {
                        throw new IllegalStateException(entry + " is not on the class path");
                    }
                    in.transferTo(out);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + jar, e);
        }
    }

    /// A plan with every crash point and fault, disarmed.
    ///
    /// @param armed further lines, such as those of [#arm(String, int)]
    public Plan plan(String... armed) {
        var lines = new ArrayList<>(PACE);
        CrashPoints.all().forEach(point -> lines.add(point.line()));
        for (Fault fault : Fault.values()) {
            lines.add(fault.line());
        }
        lines.addAll(List.of(armed));
        Path file = folder.resolve("plan-" + plans++);
        try {
            Files.deleteIfExists(Path.of(file + ".arm"));
            Files.write(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
        return new Plan("-javaagent:%s=%s".formatted(jar, file), Path.of(file + ".arm"));
    }

    public static String arm(String point, int passage) {
        return arm(point, passage, 1);
    }

    public static String arm(String point, int passage, int times) {
        return "arm\t%s\t%d\t%d".formatted(point, passage, times);
    }

    /// One process's plan.
    ///
    /// @param option for its JVM
    public record Plan(String option, Path armFile) {
        /// Arms a point of the running process.
        public void arm(String line) {
            try {
                Files.writeString(
                        armFile, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot write " + armFile, e);
            }
        }
    }
}
