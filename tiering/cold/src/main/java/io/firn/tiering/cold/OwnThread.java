package io.firn.tiering.cold;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/// A platform thread for one piece of work that computes for seconds, such as encoding a segment.
/// On a virtual thread it would hold a carrier for as long, and there is one carrier a processor:
/// on two processors, two encoders would stop every other virtual thread of the process meanwhile,
/// cold answers, leases and the committer among them. How many there are is bounded by the caller.
public final class OwnThread {
    private OwnThread() {}

    /// Does the work on a new thread and waits for its end, also when interrupted: what the work
    /// uses may go away as soon as this returns.
    ///
    /// @throws InterruptedException when the caller was interrupted while it waited. The work was
    ///     interrupted, too, and has ended.
    public static <T> T call(String name, Supplier<T> work) throws InterruptedException {
        var task = new FutureTask<>(work::get);
        Thread thread = Thread.ofPlatform().daemon().name(name).start(task);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
                thread.interrupt();
            }
        }
        if (interrupted) {
            throw new InterruptedException("Interrupted while waiting for " + name);
        }
        return result(task);
    }

    /// What work on another thread came to; its exceptions as they were thrown.
    public static <T> T result(Future<T> work) throws InterruptedException {
        try {
            return work.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException thrown
                    ? thrown
                    : new IllegalStateException(e);
        }
    }
}
