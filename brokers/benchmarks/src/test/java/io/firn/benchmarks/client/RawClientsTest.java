package io.firn.benchmarks.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.benchmarks.servers.LimitServer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// The generators against the minimal server, which answers everything it understood.
class RawClientsTest {
    private static final BatchShape SHAPE = new BatchShape(1024, 4, Codec.NONE);

    @TempDir private Path folder;

    @Test
    void producersMoveWhatTheBoundSays() throws Exception {
        try (var server = LimitServer.minimal(folder);
                var producers = new RawProducers(server.address(), frames(3), 5)) {
            Volume volume = producers.run(new Bound(10 * 4096, Duration.ofSeconds(30)));
            assertThat(volume.payloadBytes()).isEqualTo(10 * 4096);
            assertThat(volume.records()).isEqualTo(40);
            assertThat(volume.requests()).isEqualTo(10);
        }
    }

    @Test
    void pacedProducersSendAtTheirRateThroughBothForwardersToARing() throws Exception {
        try (var server = LimitServer.ring(folder);
                var forwarder = LimitServer.forwarder(server.address(), folder);
                var splice = LimitServer.spliceForwarder(forwarder.address(), folder);
                var producers = new PacedProducers(splice.address(), frames(2), 200)) {
            PacedProducers.Outcome outcome = producers.run(Duration.ofMillis(500));
            assertThat(outcome.volume().requests()).isEqualTo(100);
            assertThat(outcome.latencies().total()).isEqualTo(100);
            assertThat(outcome.volume().seconds()).isGreaterThan(0.45);
        }
    }

    private static List<List<ProduceFrame>> frames(int connections) {
        var payload = new Payload(1);
        return java.util.stream.IntStream.range(0, connections)
                .mapToObj(c -> List.of(ProduceFrame.of("t", List.of(c), SHAPE, payload)))
                .toList();
    }
}
