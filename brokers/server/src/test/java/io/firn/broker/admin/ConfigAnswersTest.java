package io.firn.broker.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.broker.RawClient;
import io.firn.broker.TestCluster;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeConfigsResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What a broker says of settings, to clients of its direct listener.
@Timeout(120)
class ConfigAnswersTest {
    @TempDir Path dir;

    private TestCluster cluster;

    @BeforeEach
    void start() {
        cluster = new TestCluster(dir);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void onlyABrokerThatClientsKnowHasSettings() {
        DescribeConfigsRequestData asked = new DescribeConfigsRequestData();
        for (String name : List.of("1", "", "7", "one", "99999999999999999999")) {
            asked.resources()
                    .add(
                            new DescribeConfigsResource()
                                    .setResourceType(ConfigResource.Type.BROKER.id())
                                    .setResourceName(name)
                                    .setConfigurationKeys(null));
        }
        try (RawClient client = new RawClient(cluster.listener.port())) {
            DescribeConfigsResponse answer =
                    client.call(new DescribeConfigsRequest.Builder(asked).build());
            assertThat(answer.data().results())
                    .extracting(DescribeConfigsResult::errorCode)
                    .containsExactly(
                            Errors.NONE.code(),
                            Errors.NONE.code(),
                            Errors.INVALID_REQUEST.code(),
                            Errors.INVALID_REQUEST.code(),
                            Errors.INVALID_REQUEST.code());
            assertThat(answer.data().results().get(2).errorMessage())
                    .contains("expected 1", "received 7");
            assertThat(answer.data().results().get(3).errorMessage()).contains("integer", "one");
        }
    }

    // DESIGN 13; `dist` does it through gateways.
    @Test
    void whoeverWasAnsweredReadsWhatWasWritten() throws Exception {
        try (Admin admin = cluster.admin();
                var producer =
                        cluster.producer(Map.of("retries", 0, "enable.idempotence", false))) {
            for (int i = 0; i < 25; i++) {
                String topic = "own-" + i;
                ConfigResource settings = new ConfigResource(ConfigResource.Type.TOPIC, topic);
                admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
                assertThat(retention(admin, settings)).isEqualTo("604800000");
                admin.incrementalAlterConfigs(
                                Map.of(
                                        settings,
                                        List.of(
                                                new AlterConfigOp(
                                                        new ConfigEntry("retention.ms", "1" + i),
                                                        AlterConfigOp.OpType.SET))))
                        .all()
                        .get();
                assertThat(retention(admin, settings)).isEqualTo("1" + i);
                admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(2))).all().get();
                producer.send(new ProducerRecord<>(topic, 1, null, new byte[1])).get();
            }
        }
    }

    private static String retention(Admin admin, ConfigResource topic) throws Exception {
        return admin.describeConfigs(List.of(topic))
                .all()
                .get()
                .get(topic)
                .get("retention.ms")
                .value();
    }
}
