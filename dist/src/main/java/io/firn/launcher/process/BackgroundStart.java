package io.firn.launcher.process;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Starts parts on a thread of its own. Closing it ends a start that is still under way, with the
/// processes that it has begun: a Postgres that initialises its folder, for example.
final class BackgroundStart implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 3;

    private final CompletableFuture<Void> done = new CompletableFuture<>();

    BackgroundStart(Runnable work) {
        var unused =
                Thread.ofPlatform()
                        .name("firn-start-past")
                        .daemon()
                        .start(
                                () -> {
                                    try {
                                        work.run();
                                        done.complete(null);
                                    } catch (Throwable e) {
                                        done.completeExceptionally(e);
                                    }
                                });
    }

    /// Waits until everything is up.
    ///
    /// @throws CompletionException with what the work failed with
    void await() {
        done.join();
    }

    @Override
    public void close() {
        if (done.isDone()) {
            return;
        }
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroy);
        // What does not end in time is found by the next start (OrphanPostmaster).
        done.exceptionally(e -> null)
                .completeOnTimeout(null, PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }
}
