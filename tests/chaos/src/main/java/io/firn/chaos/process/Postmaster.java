package io.firn.chaos.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The embedded Postgres of a data folder: it outlives a killed Firn, and a test must not leave it.
public final class Postmaster {
    private Postmaster() {}

    /// `kill -9` of the server that the folder's pid file names, and of its children.
    public static void kill(Path data) {
        Path file = data.resolve("postgres/data/postmaster.pid");
        try {
            if (Files.exists(file)) {
                kill(Long.parseLong(Files.readAllLines(file).getFirst().strip()));
            }
        } catch (IOException | RuntimeException e) {
            System.err.println("chaos: cannot look for Postgres in " + data + ": " + e);
        }
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid)
                .filter(p -> p.info().command().orElse("").endsWith("/postgres"))
                .ifPresent(
                        postmaster -> {
                            var children = postmaster.descendants().toList();
                            postmaster.destroyForcibly();
                            children.forEach(ProcessHandle::destroyForcibly);
                            postmaster.onExit().join();
                            children.forEach(child -> child.onExit().join());
                        });
    }

    /// The pid that the folder's file names, or -1.
    public static long pid(Path data) {
        try {
            return Long.parseLong(
                    Files.readAllLines(data.resolve("postgres/data/postmaster.pid"))
                            .getFirst()
                            .strip());
        } catch (IOException | RuntimeException e) {
            return -1;
        }
    }

    public static void killPid(long pid) {
        if (pid > 0) {
            kill(pid);
        }
    }
}
