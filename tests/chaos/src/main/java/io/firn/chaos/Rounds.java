package io.firn.chaos;

import io.firn.chaos.check.Finding;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// One Firn under load that is stopped and started again, with everything checked in between. A
/// new topic begins every few rounds, so that a check stays short.
final class Rounds implements AutoCloseable {
    private static final int ROUNDS_PER_TOPIC = 6;
    private static final long ANSWER_SECONDS = 90;

    final Bench bench;
    private final String prefix;
    private Firn firn;
    private Agent.Plan plan;
    private Load load;
    private Commits commits;
    private int rounds;
    private int topics;

    /// Starts the first process and the load.
    @SuppressWarnings("NullAway.Init") // by the methods that also begin the later ones
    Rounds(Bench bench, String prefix) throws IOException, InterruptedException {
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

    Firn firn() {
        return firn;
    }

    Load load() {
        return load;
    }

    /// The plan of the process that runs.
    Agent.Plan plan() {
        return plan;
    }

    /// Starts the next process, after the one before has ended; does not wait.
    Firn launch(String... armed) throws IOException, InterruptedException {
        plan = bench.agent.plan(armed);
        firn = bench.launch(plan);
        return firn;
    }

    /// Starts the next process and waits until it is ready.
    void start() throws IOException, InterruptedException {
        if (!launch().awaitReady()) {
            firn.close();
            throw new ChaosException(
                    "firn did not start (status %d); the end of its log:\n%s"
                            .formatted(firn.status(), firn.tail(60)));
        }
    }

    /// Waits until every send has its answer, reads everything and throws when anything is wrong.
    /// The load goes on afterwards.
    FullCheck.Result check() throws InterruptedException {
        return check(true);
    }

    /// @param awaitTable whether the table has to get everything first
    FullCheck.Result check(boolean awaitTable) throws InterruptedException {
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
    void next() throws InterruptedException {
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
