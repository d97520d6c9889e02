package io.firn.benchmarks.client;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/// Sends prebuilt Produce requests at a fixed rate, whatever the server does, and counts each one's
/// latency from when it was due: a server that stalls is charged for all that it made wait.
public final class PacedProducers implements AutoCloseable {
    private static final int READ_BYTES = 64 << 10;

    private final List<RawConnection> connections = new ArrayList<>();
    private final List<List<ProduceFrame>> frames;
    private final double requestsPerSecond;

    /// @param requestsPerSecond over all connections
    public PacedProducers(String address, List<List<ProduceFrame>> frames, double requestsPerSecond)
            throws IOException {
        this.frames = frames;
        this.requestsPerSecond = requestsPerSecond;
        for (int i = 0; i < frames.size(); i++) {
            connections.add(new RawConnection(address, READ_BYTES));
        }
    }

    /// What was moved, and how long each request took.
    public record Outcome(Volume volume, Latencies latencies) {}

    /// Hears of every answer, on the thread of its connection.
    @FunctionalInterface
    public interface Observer {
        /// @param due when the request was due, as `System.nanoTime` counts
        /// @param latency nanoseconds from then to its answer
        void answered(long due, long latency);
    }

    public Outcome run(Duration time) {
        return run(time, (due, latency) -> {});
    }

    public Outcome run(Duration time, Observer observer) {
        int count = connections.size();
        long interval = (long) (1e9 / requestsPerSecond * count);
        int requests = (int) Math.max(1, time.toNanos() / interval);
        long start = System.nanoTime() + Duration.ofMillis(20).toNanos();
        var work = new ArrayList<Callable<Latencies>>();
        for (int i = 0; i < count; i++) {
            RawConnection connection = connections.get(i);
            List<ProduceFrame> own = frames.get(i);
            var pace = new Pace(start + interval * i / count, interval);
            work.add(
                    () -> {
                        send(connection, own, pace, requests);
                        return new Latencies();
                    });
            work.add(() -> receive(connection, pace, requests, observer));
        }
        var latencies = new Latencies();
        Workers.run(work).forEach(latencies::add);
        double seconds = (System.nanoTime() - start) / 1e9;
        long bytes = 0;
        long records = 0;
        for (List<ProduceFrame> own : frames) {
            for (int i = 0; i < requests; i++) {
                bytes += own.get(i % own.size()).payloadBytes();
                records += own.get(i % own.size()).records();
            }
        }
        return new Outcome(new Volume(bytes, records, (long) requests * count, seconds), latencies);
    }

    @Override
    public void close() {
        connections.forEach(RawConnection::close);
    }

    private static void send(
            RawConnection connection, List<ProduceFrame> own, Pace pace, int requests)
            throws IOException {
        for (int i = 0; i < requests; i++) {
            pace.await(i);
            connection.send(own.get(i % own.size()), i);
        }
    }

    private static Latencies receive(
            RawConnection connection, Pace pace, int requests, Observer observer)
            throws IOException {
        var latencies = new Latencies();
        for (int i = 0; i < requests; i++) {
            int correlation = connection.acknowledged();
            long due = pace.due(correlation);
            long latency = System.nanoTime() - due;
            latencies.record(latency);
            observer.answered(due, latency);
        }
        return latencies;
    }

    /// When each request is due.
    ///
    /// @param start of the first, as `System.nanoTime` counts
    /// @param interval nanoseconds between two
    record Pace(long start, long interval) {
        long due(long index) {
            return start + index * interval;
        }

        void await(long index) {
            for (long wait = due(index) - System.nanoTime();
                    wait > 0;
                    wait = due(index) - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
        }
    }
}
