package io.firn.benchmarks.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.benchmarks.limits.Forwarder;
import io.firn.benchmarks.limits.MinimalServer;
import io.firn.benchmarks.limits.SpliceForwarder;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/// The generators against the minimal server, which answers everything that it understood.
class RawClientsTest {
    private static final BatchShape SHAPE = new BatchShape(1024, 4, Codec.NONE);

    @Test
    void producersMoveWhatTheBoundSays() throws Exception {
        String server = started(MinimalServer::main);
        try (var producers = new RawProducers(server, frames(3), 5)) {
            Volume volume = producers.run(new Bound(10 * 4096, Duration.ofSeconds(30)));
            assertThat(volume.payloadBytes()).isEqualTo(10 * 4096);
            assertThat(volume.records()).isEqualTo(40);
            assertThat(volume.requests()).isEqualTo(10);
        }
    }

    @Test
    void pacedProducersSendAtTheirRateThroughBothForwarders() throws Exception {
        String server = started(MinimalServer::main);
        String copying = started(Forwarder::main, server.split(":"));
        String splicing = started(SpliceForwarder::main, copying.split(":"));
        try (var producers = new PacedProducers(splicing, frames(2), 200)) {
            PacedProducers.Outcome outcome = producers.run(Duration.ofMillis(500));
            assertThat(outcome.volume().requests()).isEqualTo(100);
            assertThat(outcome.latencies().total()).isEqualTo(100);
            assertThat(outcome.volume().seconds()).isGreaterThan(0.45);
        }
    }

    private interface Main {
        void run(String[] args) throws IOException;
    }

    /// Runs it on a daemon thread of this JVM until that ends.
    private static String started(Main main, String... more) throws Exception {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        var args = new java.util.ArrayList<>(List.of(String.valueOf(port)));
        args.addAll(List.of(more));
        Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            try {
                                main.run(args.toArray(String[]::new));
                            } catch (IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        });
        for (int i = 0; i < 1000 && !listens(port); i++) {
            Thread.sleep(10);
        }
        return "127.0.0.1:" + port;
    }

    private static boolean listens(int port) {
        try (var socket = new Socket("127.0.0.1", port)) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<List<ProduceFrame>> frames(int connections) {
        var payload = new Payload(1);
        return IntStream.range(0, connections)
                .mapToObj(c -> List.of(ProduceFrame.of("t", List.of(c), SHAPE, payload)))
                .toList();
    }
}
