package io.firn.launcher.command;

import io.firn.launcher.process.Standalone;
import io.firn.launcher.settings.Setting;
import io.firn.launcher.settings.Settings;
import io.firn.launcher.settings.StartupException;

import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/// `firn warm-up`: a short life of a whole Firn on a throwaway folder, for the JVM to learn from
/// ([AotTraining] records it).
@Command(
        name = "warm-up",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Starts Firn on a throwaway folder, uses it a little and stops.")
public final class WarmUpCommand implements Callable<Integer> {
    private static final String TOPIC = "warm-up";
    private static final int RECORDS = 2_000;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Option(
            names = "--data",
            required = true,
            description = "an empty folder; delete it afterwards")
    private @Nullable String data;

    @Override
    public Integer call() {
        if (data == null) {
            throw new StartupException("Cannot warm up: --data is missing.");
        }
        Settings settings =
                Settings.empty()
                        .with(Setting.DATA, data)
                        .with(Setting.KAFKA_PORT, "0")
                        .with(Setting.CATALOG_PORT, "0")
                        .with(Setting.S3_PORT, "0")
                        .with(Setting.JOURNAL_BYTES, String.valueOf(16 << 20));
        try (Standalone firn = Standalone.start(settings)) {
            use(firn.ready().kafka());
        }
        return 0;
    }

    private static void use(String kafka) {
        try (var producer =
                new KafkaProducer<>(
                        Map.<String, Object>of("bootstrap.servers", kafka, "batch.size", 4_096),
                        new StringSerializer(),
                        new StringSerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                producer.send(new ProducerRecord<>(TOPIC, "key-" + i, "value-" + i));
            }
        }
        try (var consumer =
                new KafkaConsumer<>(
                        Map.<String, Object>of(
                                "bootstrap.servers",
                                kafka,
                                "group.id",
                                TOPIC,
                                "auto.offset.reset",
                                "earliest"),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            consumer.subscribe(List.of(TOPIC));
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            for (int read = 0; read < RECORDS && System.nanoTime() < deadline; ) {
                read += consumer.poll(Duration.ofMillis(200)).count();
            }
            consumer.commitSync();
        }
    }
}
