package io.firn.chaos.round;

import io.firn.chaos.fault.Agent;
import io.firn.chaos.load.KafkaReads;
import io.firn.chaos.load.Topic;
import io.firn.chaos.process.Archive;
import io.firn.chaos.process.ChaosException;
import io.firn.chaos.process.Firn;
import io.firn.chaos.process.Free;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/// What every test stands on: a work folder, fixed ports, the settings, and how to begin a topic.
public final class Bench {
    public final Path work;
    public final Agent agent;
    public final Firn.Settings settings;
    private @Nullable List<String> options;

    private Bench(Path work, Agent agent, Firn.Settings settings) {
        this.work = work;
        this.agent = agent;
        this.settings = settings;
    }

    /// @param work made when absent; the data folder below it must be new or of an earlier bench
    /// @param data the data folder
    /// @param yaml further settings
    public static Bench in(Path work, Path data, String yaml) throws IOException {
        Files.createDirectories(work);
        Path config =
                Files.writeString(
                        work.resolve("firn.yaml"),
                        "journal.bytes: 8388608\noffsets.topic.num.partitions: 2\n" + yaml);
        return new Bench(
                work,
                new Agent(work),
                new Firn.Settings(
                        data,
                        work.resolve("firn.log"),
                        Free.port(),
                        Free.port(),
                        Free.port(),
                        config,
                        null));
    }

    /// Starts a process with a plan; does not wait.
    public Firn launch(Agent.Plan plan) throws IOException, InterruptedException {
        List<String> now = options == null ? Archive.options(settings) : options;
        options = now;
        return Firn.launch(settings.with(plan.option()), now);
    }

    public Topic newTopic(String name) throws InterruptedException {
        Topic topic = new Topic(name, 3);
        try (KafkaReads kafka = new KafkaReads(settings.bootstrap(), name)) {
            kafka.admin().createTopics(List.of(topic.toCreate())).all().get(60, TimeUnit.SECONDS);
        } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new ChaosException("Cannot create topic " + name, e);
        }
        return topic;
    }
}
