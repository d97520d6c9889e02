package io.firn.benchmarks.loads;

import io.firn.benchmarks.client.Crowd;
import io.firn.benchmarks.client.Topics;
import io.firn.benchmarks.servers.MemorySample;
import io.firn.benchmarks.servers.ObservedFirn;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What one of each costs: takes a sample, adds many of one kind, takes another, and divides.
public final class MemoryCosts {
    private static final Duration SETTLE = Duration.ofSeconds(3);
    private static final String OPEN = "memory-open";
    private static final String IDLE = "memory-idle";

    /// @param what of which there are `count` more in the second sample
    public record Row(String what, int count, MemorySample before, MemorySample after) {
        double heapEach() {
            return (after.heapBytes() - before.heapBytes()) / (double) count;
        }

        double directEach() {
            return (after.directBytes() - before.directBytes()) / (double) count;
        }

        double residentEach() {
            return (after.residentBytes() - before.residentBytes()) / (double) count;
        }

        double filesEach() {
            return (after.files() - before.files()) / (double) count;
        }
    }

    private final ObservedFirn firn;
    private final int count;
    private final List<Row> rows = new ArrayList<>();
    private MemorySample last;

    /// @param count how many of each kind; some hundreds at least, so that noise divides away
    public MemoryCosts(ObservedFirn firn, int count) {
        this.firn = firn;
        this.count = count;
        warmUp();
        this.last = sample();
    }

    public List<Row> run() {
        try (var topics = new Topics(firn.address())) {
            topics.create(IDLE, count, Map.of());
            topics.awaitLeaders(IDLE, count);
            row("idle partition");
            topics.create(OPEN, count, Map.of());
            topics.awaitLeaders(OPEN, count);
            topics.prime(OPEN, count);
            row("open partition");
        }
        try (var idle = Crowd.idle(firn.address(), count)) {
            row("idle connection");
            try (var waiting = Crowd.waiting(firn.address(), count, OPEN, count, 1)) {
                row("connection with a waiting Fetch");
            }
        }
        return List.copyOf(rows);
    }

    /// Classes, pools and the first of everything are there before anything is counted.
    private void warmUp() {
        try (var topics = new Topics(firn.address());
                var connections = Crowd.idle(firn.address(), 10)) {
            topics.create("memory-first", 10, Map.of());
            topics.awaitLeaders("memory-first", 10);
            topics.prime("memory-first", 10);
            try (var waiting = Crowd.waiting(firn.address(), 10, "memory-first", 10, 1)) {
                Pauses.pause(SETTLE);
            }
        }
        sample();
    }

    private void row(String what) {
        MemorySample now = sample();
        rows.add(new Row(what, count, last, now));
        last = now;
        System.err.printf("  %s: %s%n", what, now);
    }

    private MemorySample sample() {
        Pauses.pause(SETTLE);
        return firn.probe().sample();
    }

    public static String table(List<Row> rows) {
        var lines = new ArrayList<String>();
        lines.add("| One of it costs | live heap, bytes | direct, bytes | RSS, bytes | files |");
        lines.add("|---|---|---|---|---|");
        for (Row row : rows) {
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "| %s (%,d of them) | %,.0f | %,.0f | %,.0f | %.1f |",
                            row.what(),
                            row.count(),
                            row.heapEach(),
                            row.directEach(),
                            row.residentEach(),
                            row.filesEach()));
        }
        return String.join("\n", lines) + "\n";
    }
}
