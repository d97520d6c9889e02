package io.firn.chaos.scenario;

import io.firn.chaos.load.Latencies;
import io.firn.chaos.load.Load;
import io.firn.chaos.load.Tail;
import io.firn.chaos.load.Topic;
import io.firn.chaos.process.Backends;
import io.firn.chaos.process.ChaosException;
import io.firn.chaos.process.Firn;
import io.firn.chaos.process.Proxy;
import io.firn.chaos.process.Trees;
import io.firn.chaos.round.Bench;
import io.firn.chaos.round.FullCheck;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.util.concurrent.Callable;

/// `./firn chaos outages`: Postgres and the object store stopped, slow, answering errors (C11).
@Command(
        name = "outages",
        mixinStandardHelpOptions = true,
        description = "Takes Postgres and the object store away from a loaded Firn.")
public final class OutageCommand implements Callable<Integer> {
    @Option(names = "--seconds", description = "of each outage (default: ${DEFAULT-VALUE})")
    private int seconds = 60;

    @Option(names = "--work", description = "work folder (default: ${DEFAULT-VALUE})")
    private Path work = Path.of(System.getProperty("java.io.tmpdir"), "firn-outages");

    private enum Victim {
        POSTGRES,
        OBJECTS
    }

    @Override
    public Integer call() throws Exception {
        Trees.delete(work);
        int failed = 0;
        try (Backends backends = Backends.start(work.resolve("backends"))) {
            Bench bench = Bench.in(work, work.resolve("data"), backends.yaml());
            try (Firn firn = bench.launch(bench.agent.plan())) {
                if (!firn.awaitReady()) {
                    throw new ChaosException("firn did not start:\n" + firn.tail(60));
                }
                for (Victim victim : Victim.values()) {
                    for (Proxy.Mode mode : Proxy.Mode.values()) {
                        if (mode != Proxy.Mode.PASS) {
                            failed += outage(bench, backends, firn, victim, mode) ? 0 : 1;
                        }
                    }
                }
            }
        }
        System.out.printf("outages: %d of 6 failed%n", failed);
        if (failed == 0) {
            Trees.delete(work);
        }
        return failed == 0 ? 0 : 1;
    }

    private boolean outage(
            Bench bench, Backends backends, Firn firn, Victim victim, Proxy.Mode mode)
            throws InterruptedException {
        String name = victim.name().toLowerCase(java.util.Locale.ROOT) + " " + mode;
        Proxy proxy = victim == Victim.POSTGRES ? backends.postgres : backends.objects;
        Topic topic =
                bench.newTopic((victim.name() + mode.name()).toLowerCase(java.util.Locale.ROOT));
        try (Load load = new Load(bench.settings.bootstrap(), topic, Load.Rate.USUAL);
                Tail tail = new Tail(bench.settings.bootstrap(), topic)) {
            Thread.sleep(5_000);
            load.latencies.take();
            tail.latencies.take();
            Thread.sleep(Math.min(15, seconds) * 1_000L);
            Latencies.Window produceBefore = load.latencies.take();
            Latencies.Window fetchBefore = tail.latencies.take();
            proxy.mode(mode);
            Thread.sleep(seconds * 1_000L);
            Latencies.Window produce = load.latencies.take();
            Latencies.Window fetch = tail.latencies.take();
            proxy.mode(Proxy.Mode.PASS);
            long ended = System.nanoTime();
            System.out.printf(
                    "%s%n  produce before %s%n          during %s%n", name, produceBefore, produce);
            System.out.printf("  fetch   before %s%n          during %s%n", fetchBefore, fetch);
            judge(load, tail, produceBefore, produce, fetch);
            if (!load.quiet(60)) {
                throw new ChaosException("Sends stayed without an answer: " + load.lastError());
            }
            try {
                var check = new FullCheck(load, firn.settings(), backends.objectFolder());
                check.catchUp();
                double caughtUp = (System.nanoTime() - ended) / 1e9;
                FullCheck.Result result = check.run(true);
                System.out.printf(
                        "  the table had everything %.1f s after it; %,d records, %,d rows%n",
                        caughtUp, result.logs(), result.rows());
                if (!result.clean()) {
                    throw new ChaosException(String.valueOf(result.findings().getFirst()));
                }
            } finally {
                load.resume();
            }
            return true;
        } catch (ChaosException e) {
            System.out.printf("FAILED %s: %s%n", name, e.getMessage());
            return false;
        } finally {
            proxy.mode(Proxy.Mode.PASS);
        }
    }

    /// Half of the usual rate would be a hole of half a minute.
    private void judge(
            Load load,
            Tail tail,
            Latencies.Window before,
            Latencies.Window produce,
            Latencies.Window fetch) {
        double usual = before.count() / (double) Math.min(15, seconds);
        double during = Math.min(produce.count(), fetch.count()) / (double) seconds;
        boolean full = produce.count() >= 100_000 || fetch.count() >= 100_000;
        if ((!full && during < usual / 2) || load.errors.get() > 0 || !tail.lastError().isEmpty()) {
            throw new ChaosException(
                    "Produce or fetch did not go on: %.0f a second instead of %.0f, %d errors, the last %s%s"
                            .formatted(
                                    during,
                                    usual,
                                    load.errors.get(),
                                    load.lastError(),
                                    tail.lastError()));
        }
    }
}
