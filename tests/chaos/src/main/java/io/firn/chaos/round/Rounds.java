package io.firn.chaos.round;

import io.firn.chaos.check.Finding;
import io.firn.chaos.fault.Agent;
import io.firn.chaos.load.Commits;
import io.firn.chaos.load.KafkaReads;
import io.firn.chaos.load.Load;
import io.firn.chaos.load.Topic;
import io.firn.chaos.process.ChaosException;
import io.firn.chaos.process.Firn;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// One Firn under load that is stopped and started again, with everything checked in between. A
/// new topic begins every few rounds, so that a check stays short.
public final class Rounds implements AutoCloseable {
    private static final int ROUNDS_PER_TOPIC = 6;
    private static final long ANSWER_SECONDS = 90;

    public final Bench bench;
    private final String prefix;
    private Firn firn;
    private Agent.Plan plan;
    private Load load;
    private Commits commits;
    private int rounds;
    private int topics;

    /// Starts the first process and the load.
    @SuppressWarnings("NullAway.Init") // by the methods that also begin the later ones
    public Rounds(Bench bench, String prefix) throws IOException, InterruptedException {
        this.bench = bench;
        this.prefix = prefix;
        start();
        begin();
    }

    private void begin() throws InterruptedException {
        Topic topic = bench.newTopic(prefix + topics++);
        load = new Load(bench.settings.bootstrap(), topic, Load.Rate.USUAL);
        commits = new Commits(bench.settings.bootstrap(), topic.name());
    }

    public Firn firn() {
        return firn;
    }

    public Load load() {
        return load;
    }

    /// The plan of the process that runs.
    public Agent.Plan plan() {
        return plan;
    }

    /// Starts the next process, after the one before has ended; does not wait.
    public Firn launch(String... armed) throws IOException, InterruptedException {
        plan = bench.agent.plan(armed);
        firn = bench.launch(plan);
        return firn;
    }

    /// Starts the next process and waits until it is ready.
    public void start() throws IOException, InterruptedException {
        if (!launch().awaitReady()) {
            firn.close();
            throw new ChaosException(
                    "firn did not start (status %d); the end of its log:\n%s"
                            .formatted(firn.status(), firn.tail(60)));
        }
    }

    /// Waits until every send has its answer, reads everything and throws when anything is wrong.
    /// The load goes on afterwards.
    public FullCheck.Result check() throws InterruptedException {
        return check(true);
    }

    /// @param awaitTable whether the table has to get everything first
    public FullCheck.Result check(boolean awaitTable) throws InterruptedException {
        boolean quiet = load.quiet(ANSWER_SECONDS);
        try {
            if (!quiet) {
                throw new ChaosException(
                        "Sends are without an answer %d s after the start; last error: %s"
                                .formatted(ANSWER_SECONDS, load.lastError()));
            }
            commits.check();
            FullCheck.Result result = new FullCheck(load, firn.settings()).run(awaitTable);
            if (!result.clean()) {
                throw new ChaosException(
                        "%d findings, the first of them:\n%s"
                                .formatted(result.findings().size(), first(result.findings())));
            }
            return result;
        } finally {
            load.resume();
        }
    }

    private static String first(List<Finding> findings) {
        return String.join(
                "\n", findings.stream().limit(12).map(f -> "    " + f.toString()).toList());
    }

    /// Ends a round.
    public void next() throws InterruptedException {
        if (++rounds % ROUNDS_PER_TOPIC == 0) {
            commits.close();
            load.close();
            try (KafkaReads kafka = new KafkaReads(bench.settings.bootstrap(), load.topic.name())) {
                var unused = kafka.admin().deleteTopics(List.of(load.topic.name())).all();
                Thread.sleep(Duration.ofMillis(200));
            }
            begin();
        }
    }

    @Override
    public void close() throws InterruptedException {
        firn.close();
        commits.close();
        load.close();
    }
}
