package io.firn.launcher.cluster;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.firn.launcher.folder.Synced;
import io.firn.launcher.settings.StartupException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What the command that runs a cluster tells others in a file, `run/cluster.json`: written by it
/// alone, and each time as a whole.
///
/// @param pid of the command itself
/// @param started when that process began, in milliseconds: a pid is given again
record ClusterState(long pid, long started, List<Entry> members) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILE = "run/cluster.json";

    /// One process, as it was last seen.
    ///
    /// @param pid of its last run
    /// @param started when that began, in milliseconds
    /// @param ready whether it said so
    /// @param health where it says how it is; empty when it has no such address
    /// @param trouble why its last start failed
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Entry(
            String id,
            long pid,
            long started,
            boolean ready,
            String address,
            String log,
            String health,
            @Nullable String trouble) {
        Optional<ProcessHandle> process() {
            return running(pid, started);
        }

        boolean runsAndIsReady() {
            return ready && process().isPresent();
        }
    }

    static ClusterState of(List<Entry> members) {
        ProcessHandle own = ProcessHandle.current();
        return new ClusterState(own.pid(), startOf(own), members);
    }

    /// Empty when no cluster was ever started in the folder.
    static Optional<ClusterState> read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            return Optional.of(JSON.readValue(Files.readString(file), ClusterState.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StartupException(
                    "Cannot read the state of the cluster in %s: %s.".formatted(file, e), e);
        }
    }

    void write(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            Synced.replace(file, JSON.writeValueAsString(this));
        } catch (IOException e) {
            throw new StartupException(
                    "Cannot write the state of the cluster to %s: %s.".formatted(file, e), e);
        }
    }

    static String json(Object value) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Whether the command that wrote it still runs.
    boolean isRunning() {
        return running(pid, started).isPresent();
    }

    /// @throws StartupException when the cluster has none of this name
    Entry require(String id) {
        return members.stream()
                .filter(entry -> entry.id().equals(id))
                .findFirst()
                .orElseThrow(
                        () ->
                                new StartupException(
                                        "The cluster has no process '%s'. It has %s."
                                                .formatted(
                                                        id,
                                                        String.join(
                                                                ", ",
                                                                members.stream()
                                                                        .map(Entry::id)
                                                                        .toList()))));
    }

    private static Optional<ProcessHandle> running(long pid, long started) {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(process -> startOf(process) == started);
    }

    static long startOf(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }
}
