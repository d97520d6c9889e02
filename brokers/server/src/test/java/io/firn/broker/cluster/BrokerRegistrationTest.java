package io.firn.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.broker.TestCluster;
import io.firn.broker.partition.PartitionTable;
import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.PartitionState;
import io.firn.controller.image.TopicState;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.UnregisterBrokerRequestData;
import org.apache.kafka.common.requests.UnregisterBrokerRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// How a broker keeps and loses its place in the cluster.
class BrokerRegistrationTest {
    @Test
    void theEpochOfTheLastRegistrationIsReadBack(@TempDir Path dir) throws Exception { // R11, R21
        EpochFile file = new EpochFile(dir);
        assertThat(file.read()).isEqualTo(-1);
        file.write(41);
        file.write(7);
        assertThat(new EpochFile(dir).read()).isEqualTo(7);
        Files.writeString(dir.resolve("broker-epoch"), "torn");
        assertThat(new EpochFile(dir).read()).isEqualTo(-1);
    }

    @Test
    void aReplicaThatNobodyFillsDoesNotCountAsInSync(@TempDir Path dir) { // R8
        try (TestCluster cluster = new TestCluster(dir)) {
            ClusterImage image = cluster.follower.image();
            PartitionTable table =
                    new PartitionTable(
                            1,
                            (partition, at) -> {
                                throw new IllegalStateException("not opened here");
                            },
                            image);
            List<Integer> both = List.of(1, 2);
            PartitionState listed = new PartitionState(0, 1, 0, 0, both, both, List.of());
            table.move(
                    image,
                    List.of(new TopicState("public.two", Uuid.randomUuid(), List.of(listed))),
                    List.of());
            assertThat(table.all().iterator().next().inSync()).isEqualTo(1);
        }
    }

    @Test
    void aBrokerThatLosesItsRegistrationSaysSo(@TempDir Path dir) throws Exception {
        try (TestCluster cluster = new TestCluster(dir)) {
            assertThat(new EpochFile(dir.resolve("log")).read()).isEqualTo(cluster.broker.epoch());
            assertThat(cluster.broker.failed()).isNotDone();
            cluster.client
                    .send(
                            new UnregisterBrokerRequest.Builder(
                                    new UnregisterBrokerRequestData().setBrokerId(1)))
                    .get(10, TimeUnit.SECONDS);
            assertThatThrownBy(() -> cluster.broker.failed().get(10, TimeUnit.SECONDS))
                    .hasMessageContaining("lost its registration");
        }
    }
}
