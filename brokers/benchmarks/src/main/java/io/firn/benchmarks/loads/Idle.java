package io.firn.benchmarks.loads;

import io.firn.benchmarks.BenchException;
import io.firn.benchmarks.servers.CpuTime;
import io.firn.benchmarks.servers.Subject;
import io.firn.benchmarks.servers.Target;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What a server takes that has nothing to do, after all that it did before.
record Idle(String name, String title, List<Subject> subjects) implements Load {
    @Override
    public List<Figure> shown() {
        return List.of(Figure.IDLE_CPU_PERCENT, Figure.RESIDENT_MIB);
    }

    @Override
    public boolean fillsPageCache() {
        return false;
    }

    @Override
    public Map<Figure, Double> run(Session session, Subject subject, int round) {
        Target target = session.target(subject);
        Duration time = session.sizes().idle();
        CpuTime before = session.processes().cpu(target.pids());
        long start = System.nanoTime();
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("Interrupted", e);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        CpuTime spent = session.processes().cpu(target.pids()).since(before);
        return Map.of(
                Figure.IDLE_CPU_PERCENT,
                100 * spent.seconds() / seconds,
                Figure.RESIDENT_MIB,
                session.processes().residentBytes(target.pids()) / (double) (1 << 20));
    }
}
