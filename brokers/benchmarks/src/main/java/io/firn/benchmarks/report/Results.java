package io.firn.benchmarks.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;

import io.firn.benchmarks.BenchException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A results file.
///
/// @param kafka version of the Apache Kafka measured beside
/// @param heap of every server
public record Results(Machine machine, String kafka, String heap, List<LoadResult> loads) {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /// Loads of `newer` take the place of ours; the order is that of `order`, and what it does not
    /// name is dropped.
    public Results merged(Results newer, List<String> order) {
        var all = new ArrayList<LoadResult>();
        for (String name : order) {
            newer.load(name).or(() -> load(name)).ifPresent(all::add);
        }
        return new Results(newer.machine, newer.kafka, newer.heap, all);
    }

    public Optional<LoadResult> load(String name) {
        return loads.stream().filter(load -> load.name().equals(name)).findFirst();
    }

    public static Results read(Path file) {
        try {
            return JSON.readValue(file.toFile(), Results.class);
        } catch (IOException e) {
            throw new BenchException("Cannot read results from %s: %s".formatted(file, e), e);
        }
    }

    public void write(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, JSON.writeValueAsString(this) + "\n");
        } catch (IOException e) {
            throw new BenchException("Cannot write results to %s: %s".formatted(file, e), e);
        }
    }
}
