package io.firn.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// DESIGN §13: whoever has been answered reads what was written. Create, describe, alter, describe,
/// grow, produce to the new partition, and create, delete, describe, each right after the other
/// and none of them tried twice. `-Dfirn.read-your-writes.rounds=1000` makes it longer.
final class ReadYourWrites {
    private static final int ROUNDS = Integer.getInteger("firn.read-your-writes.rounds", 100);

    private ReadYourWrites() {}

    static void check(String bootstrap) throws Exception {
        Map<String, Object> once =
                Map.of(
                        "bootstrap.servers",
                        bootstrap,
                        "retries",
                        0,
                        "enable.idempotence",
                        false,
                        "max.block.ms",
                        10_000);
        long begun = System.nanoTime();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap, "retries", 0));
                var producer =
                        new KafkaProducer<>(
                                once, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int round = 0; round < ROUNDS; round++) {
                round(admin, producer, "written-" + round, round);
            }
        }
        System.out.printf(
                "%d rounds without a stale answer at %s in %d s%n",
                ROUNDS, bootstrap, TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun));
    }

    private static void round(
            Admin admin, KafkaProducer<byte[], byte[]> producer, String topic, int round)
            throws Exception {
        String first = String.valueOf(1_000_000 + round);
        String second = String.valueOf(2_000_000 + round);
        admin.createTopics(
                        List.of(
                                new NewTopic(topic, 1, (short) 1)
                                        .configs(Map.of("retention.ms", first))))
                .all()
                .get();
        assertThat(retention(admin, topic)).as("created, round %d", round).isEqualTo(first);
        assertThat(partitions(admin, topic)).as("created, round %d", round).isEqualTo(1);
        producer.send(new ProducerRecord<>(topic, 0, null, new byte[1])).get();
        admin.incrementalAlterConfigs(
                        Map.of(
                                settings(topic),
                                List.of(
                                        new AlterConfigOp(
                                                new ConfigEntry("retention.ms", second),
                                                AlterConfigOp.OpType.SET))))
                .all()
                .get();
        assertThat(retention(admin, topic)).as("altered, round %d", round).isEqualTo(second);
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(2))).all().get();
        assertThat(partitions(admin, topic)).as("grown, round %d", round).isEqualTo(2);
        assertThat(producer.send(new ProducerRecord<>(topic, 1, null, new byte[1])).get().offset())
                .as("the new partition, round %d", round)
                .isZero();
        goneIsGone(admin, "gone-" + round);
    }

    /// On a topic that no producer knows: one would make it again when it asks for its metadata.
    private static void goneIsGone(Admin admin, String topic) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        admin.deleteTopics(List.of(topic)).all().get();
        assertThat(admin.listTopics().names().get()).as("deleted").doesNotContain(topic);
        assertThatThrownBy(() -> retention(admin, topic))
                .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
    }

    private static int partitions(Admin admin, String topic) throws Exception {
        return admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get()
                .get(topic)
                .partitions()
                .size();
    }

    private static String retention(Admin admin, String topic) throws Exception {
        ConfigResource settings = settings(topic);
        return admin.describeConfigs(List.of(settings))
                .all()
                .get()
                .get(settings)
                .get("retention.ms")
                .value();
    }

    private static ConfigResource settings(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }
}
