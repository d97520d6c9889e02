package io.firn.benchmarks.client;

import io.firn.benchmarks.BenchException;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// Asks a server that is starting for one record's acknowledgement, again and again, as an
/// impatient producer would.
public final class FirstRecord {
    private static final long PAUSE_MILLIS = 5;
    private static final BatchShape ONE = new BatchShape(100, 1, Codec.NONE);

    private FirstRecord() {}

    /// Returns when partition 0 has acknowledged a record.
    ///
    /// @param check called between attempts; throws when there is no more hope
    public static void await(String address, String topic, Duration atMost, Runnable check) {
        ProduceFrame frame = ProduceFrame.of(topic, List.of(0), ONE, new Payload(3));
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!acknowledged(address, frame)) {
            check.run();
            if (System.nanoTime() > deadline) {
                throw new BenchException(
                        "%s acknowledged no record within %d s"
                                .formatted(address, atMost.toSeconds()));
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BenchException("Interrupted", e);
            }
        }
    }

    /// Produces to partition 0 until the connection breaks.
    public static void produceUntilItFails(String address, String topic, BatchShape shape) {
        var frame = ProduceFrame.of(topic, List.of(0), shape, new Payload(4));
        try (var producers = new RawProducers(address, List.of(List.of(frame)), 1)) {
            producers.run(new Bound(Long.MAX_VALUE, Duration.ofMinutes(1)));
        } catch (IOException e) {
            throw new BenchException("Cannot connect to %s: %s".formatted(address, e), e);
        }
    }

    private static boolean acknowledged(String address, ProduceFrame frame) {
        try (var connection = new RawConnection(address, 1 << 16)) {
            connection.send(frame, 0);
            connection.acknowledged();
            return true;
        } catch (IOException | RawConnection.RefusedException e) {
            return false; // not there yet
        }
    }
}
