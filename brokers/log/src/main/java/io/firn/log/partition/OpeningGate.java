package io.firn.log.partition;

import org.apache.kafka.common.errors.KafkaStorageException;
import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/// One log's way to the log thread. Work passes while the files are open; while they are opened or
/// closed by others it waits here, in its order, so that the log thread never waits for a file.
/// What waits counts in the log thread's bytes as well (L10). Thread safe.
final class OpeningGate {
    private final LogQueue thread;
    private final Deque<Work> waiting = new ArrayDeque<>(0);
    private @Nullable CompletableFuture<OpenFiles> opening;
    private @Nullable CompletableFuture<Void> closing;
    private boolean open;
    private @Nullable String shut;
    private int passed;

    OpeningGate(LogQueue thread) {
        this.thread = thread;
    }

    /// Lets the work pass, now or when the files are open.
    ///
    /// @return why it is refused; null when it is taken
    @Nullable String offer(Work work, Supplier<CompletableFuture<OpenFiles>> open) {
        synchronized (this) {
            if (shut != null) {
                return shut;
            }
            if (this.open) {
                pass(work);
                return null;
            }
            waiting.add(work);
            thread.enter(work);
        }
        opening(open);
        return null;
    }

    /// For what needs no open files.
    synchronized void offerAlways(Work work) {
        pass(work);
    }

    private void pass(Work work) {
        passed++;
        thread.put(work);
    }

    /// The files, once they are open; starts that unless it has begun.
    CompletableFuture<OpenFiles> opening(Supplier<CompletableFuture<OpenFiles>> open) {
        var result = new CompletableFuture<OpenFiles>();
        CompletableFuture<Void> first;
        synchronized (this) {
            if (shut != null) {
                return CompletableFuture.failedFuture(new KafkaStorageException(shut));
            }
            if (opening != null) {
                return opening;
            }
            opening = result;
            first = closing == null ? CompletableFuture.completedFuture(null) : closing;
        }
        first.thenCompose(closed -> open.get())
                .whenComplete(
                        (files, error) -> {
                            if (error != null) {
                                failed(error);
                                result.completeExceptionally(error);
                            } else {
                                opened();
                                result.complete(files);
                            }
                        });
        return result;
    }

    private synchronized void opened() {
        opening = null;
        if (shut != null) {
            return;
        }
        open = true;
        passWaiting();
    }

    private void passWaiting() {
        for (Work work = waiting.poll(); work != null; work = waiting.poll()) {
            passed++;
            thread.putEntered(work);
        }
    }

    private void failed(Throwable error) {
        List<Work> refused;
        synchronized (this) {
            opening = null;
            refused = takeWaiting();
        }
        Throwable cause = error.getCause() == null ? error : error.getCause();
        Work.fail(refused, String.valueOf(cause.getMessage()));
    }

    private List<Work> takeWaiting() {
        List<Work> all = new ArrayList<>(waiting);
        waiting.clear();
        all.forEach(thread::leave);
        return all;
    }

    /// Closes it for a moment, unless something passed and is not finished yet.
    ///
    /// @return null if so; else to be completed when the files are closed, or are to stay open
    synchronized @Nullable CompletableFuture<Void> close() {
        if (!open || passed > 0 || opening != null) {
            return null;
        }
        open = false;
        var done = new CompletableFuture<Void>();
        closing = done;
        done.whenComplete((ended, error) -> closed());
        return done;
    }

    private synchronized void closed() {
        closing = null;
    }

    /// The files stay open after all.
    synchronized void reopen() {
        if (shut == null) {
            open = true;
            passWaiting();
        }
    }

    /// Nothing passes any more; what waits is refused. The future ends when nobody opens or closes
    /// the files any more.
    CompletableFuture<Void> shut(String why) {
        List<Work> refused;
        CompletableFuture<?> moving;
        synchronized (this) {
            shut = why;
            open = false;
            refused = takeWaiting();
            moving = opening != null ? opening : closing;
        }
        Work.fail(refused, why);
        return moving == null
                ? CompletableFuture.completedFuture(null)
                : moving.handle((done, error) -> null);
    }

    synchronized boolean isShut() {
        return shut != null;
    }

    synchronized void finished() {
        passed--;
    }
}
