package io.firn.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What each attack costs a client who has nothing to do with it ([GoodClient]): its produce
/// latency at a fixed rate, alone and beside the attack, in pairs; the p99 is that of all pairs
/// together. Not of the everyday suite: `tests/hostile` runs it and prints the table.
class HostileLoad {
    private static final int SECONDS = Integer.getInteger("hostile.seconds", 10);
    private static final String ONLY = System.getProperty("hostile.only", "");
    private static final int PAIRS = 2;
    private static final int SETTLE_MILLIS = 3_000; // what an attack left is being done with

    @TempDir static Path temp;

    /// Starts an attack.
    private interface Attack {
        Attacks.Running start() throws Exception;
    }

    private record Row(String name, double aloneMs, double besideMs, long rssMb) {}

    @Test
    void othersP99BesideEachAttack() throws Exception {
        List<Row> rows = new ArrayList<>();
        try (FirnProcess firn = FirnProcess.standalone(temp.resolve("data"), 0)) {
            Map<String, Attack> attacks = attacks(firn);
            try (GoodClient.Running client = GoodClient.start(firn.kafkaPort())) {
                client.latencies(SECONDS); // warms up
                rows.add(measured("(nothing)", firn, client, () -> () -> {}));
                attacks.keySet().removeIf(name -> !name.contains(ONLY));
                for (var attack : attacks.entrySet()) {
                    rows.add(measured(attack.getKey(), firn, client, attack.getValue()));
                    assertThat(firn.isAlive()).isTrue();
                }
            }
            print(rows, firn.peakRssBytes() >> 20);
            assertThat(firn.log()).doesNotContain("OutOfMemoryError", "LEAK:");
        }
    }

    private static Row measured(
            String name, FirnProcess firn, GoodClient.Running client, Attack attack)
            throws Exception {
        long[][] alone = new long[PAIRS][];
        long[][] beside = new long[PAIRS][];
        long rss = 0;
        try (var running = attack.start()) {
            client.latencies(SECONDS); // the JVMs compile what the attack needs
        }
        for (int pair = 0; pair < PAIRS; pair++) {
            Thread.sleep(SETTLE_MILLIS);
            alone[pair] = client.latencies(SECONDS);
            try (var running = attack.start()) {
                beside[pair] = client.latencies(SECONDS);
                rss = Math.max(rss, firn.rssBytes());
            }
        }
        return new Row(name, p99(alone), p99(beside), rss >> 20);
    }

    private static Map<String, Attack> attacks(FirnProcess firn) throws Exception {
        Uuid id;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", firn.kafka()))) {
            var trusted =
                    new NewTopic("trusted", 1, (short) 1)
                            .configs(
                                    Map.of(
                                            "firn.produce.check", "batch",
                                            "firn.table.freshness.ms", "1000"));
            var made =
                    admin.createTopics(
                            List.of(
                                    new NewTopic("good", 1, (short) 1),
                                    new NewTopic("bad", 1, (short) 1),
                                    trusted));
            made.all().get();
            id = made.topicId("bad").get();
        }
        int port = firn.kafkaPort();
        try (RawKafka client = new RawKafka(port)) {
            for (int i = 0; i < 16; i++) {
                client.produce("bad", RawKafka.good("x".repeat(900_000)));
            }
        }
        var wrongCrc = RawKafka.good("x");
        wrongCrc.put(wrongCrc.limit() - 2, (byte) 'y');
        var bomb = RawKafka.bomb(600 << 20);
        Map<String, Attack> attacks = new LinkedHashMap<>();
        attacks.put("10,000 idle connections", () -> Attacks.idle(port, 10_000));
        attacks.put("half frames up to the budget", () -> Attacks.halfFrames(port));
        attacks.put("random bytes", () -> Attacks.garbage(port));
        attacks.put("batches with a wrong CRC", () -> Attacks.batches(port, "bad", wrongCrc));
        attacks.put("bombs, check=records", () -> Attacks.batches(port, "bad", bomb));
        attacks.put("bombs, check=batch", () -> Attacks.batches(port, "trusted", bomb));
        attacks.put(
                "100 readers that never read",
                () -> Attacks.readersThatNeverRead(port, "bad", id, 100));
        attacks.put(
                "1,000 requests in flight", () -> Attacks.thousandInFlight(port, "bad", 10_000));
        attacks.put("fetch sessions without end", () -> Attacks.manySessions(port, "bad", id));
        attacks.put("commits in a loop", () -> Attacks.commitsInALoop(port, "bad"));
        return attacks;
    }

    private static double p99(long[][] pairs) {
        long[] all = Arrays.stream(pairs).flatMapToLong(Arrays::stream).sorted().toArray();
        return all[all.length * 99 / 100] / 1e6;
    }

    private static void print(List<Row> rows, long peakMb) throws IOException {
        Path file = Path.of("target/hostile.txt");
        try (PrintStream out = new PrintStream(Files.newOutputStream(file))) {
            out.printf("| attack | p99 alone, ms | p99 beside it, ms | ratio | RSS, MiB |%n");
            out.printf("|---|---|---|---|---|%n");
            for (Row row : rows) {
                out.printf(
                        "| %s | %.1f | %.1f | %.2f | %d |%n",
                        row.name(),
                        row.aloneMs(),
                        row.besideMs(),
                        row.besideMs() / row.aloneMs(),
                        row.rssMb());
            }
            out.printf("%nMost memory of the process: %d MiB (heap 768 MiB).%n", peakMb);
        }
    }
}
