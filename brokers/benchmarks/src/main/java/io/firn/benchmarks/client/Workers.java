package io.firn.benchmarks.client;

import io.firn.benchmarks.BenchException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Runs one piece of work a connection: on platform threads while they are few, on virtual ones
/// when there are more connections than a machine wants threads.
final class Workers {
    private static final int PLATFORM = 16;

    private Workers() {}

    static <T> List<T> run(List<? extends Callable<T>> work) {
        var factory =
                work.size() <= PLATFORM
                        ? Thread.ofPlatform().name("load-", 0).daemon().factory()
                        : Thread.ofVirtual().name("load-", 0).factory();
        try (var executor = Executors.newThreadPerTaskExecutor(factory)) {
            var results = new ArrayList<T>();
            for (Future<T> future : executor.invokeAll(work)) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw new BenchException("A client connection failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("Interrupted", e);
        }
    }
}
