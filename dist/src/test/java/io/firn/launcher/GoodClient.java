package io.firn.launcher;

import org.apache.kafka.common.protocol.Errors;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/// A client that produces one record after the other at a fixed rate, in a JVM of its own: where it
/// shares one with an attack, that attack's garbage stops it, too, and counts as Firn's doing. It
/// never collects its own.
final class GoodClient {
    private static final int PER_SECOND = 50; // one after the other: more is a test of throughput

    private GoodClient() {}

    /// For each line with a number of seconds on stdin, one with latencies in nanoseconds.
    public static void main(String[] args) throws IOException {
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        int port = Integer.parseInt(args[0]);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(
                    Arrays.stream(measured(port, Integer.parseInt(line)))
                            .mapToObj(Long::toString)
                            .collect(Collectors.joining(" ")));
        }
    }

    /// Counted from when each record was due.
    private static long[] measured(int port, int seconds) throws IOException {
        long[] latencies = new long[seconds * PER_SECOND];
        try (RawKafka client = new RawKafka(port)) {
            produce(client, "first");
            long start = System.nanoTime();
            for (int i = 0; i < latencies.length; i++) {
                long due = start + i * TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
                while (System.nanoTime() < due) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                produce(client, "x".repeat(100));
                latencies[i] = System.nanoTime() - due;
            }
        }
        return latencies;
    }

    private static void produce(RawKafka client, String value) throws IOException {
        Errors error = client.produce("good", RawKafka.good(value));
        if (error != Errors.NONE) {
            throw new IOException("The good client got " + error);
        }
    }

    static Running start(int port) throws IOException {
        var command =
                new ArrayList<>(
                        FirnProcess.java(
                                "-XX:+UnlockExperimentalVMOptions",
                                "-XX:+UseEpsilonGC",
                                "-Xmx2g",
                                "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(GoodClient.class.getName(), String.valueOf(port)));
        return new Running(
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    /// The client's process.
    static final class Running implements AutoCloseable {
        private final Process process;
        private final PrintWriter commands;
        private final BufferedReader answers;

        private Running(Process process) {
            this.process = process;
            this.commands = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
            this.answers = process.inputReader(StandardCharsets.UTF_8);
        }

        /// Produces for so long.
        ///
        /// @return nanoseconds from when each record was due to its acknowledgement
        long[] latencies(int seconds) throws IOException {
            commands.println(seconds);
            String line = answers.readLine();
            if (line == null) {
                throw new IOException("The good client failed");
            }
            return Arrays.stream(line.split(" ")).mapToLong(Long::parseLong).toArray();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
