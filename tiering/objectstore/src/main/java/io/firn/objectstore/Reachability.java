package io.firn.objectstore;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Whether a server elsewhere (a store, a catalog) answers, asked at most once in a while,
/// however often somebody wants to know. While a question is under way its last answer holds.
/// Thread safe.
public final class Reachability implements Supplier<Optional<String>> {
    private static final Duration REMEMBERED = Duration.ofSeconds(5);

    /// How long somebody who wants to know waits.
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /// A question that is open for longer is one that is not answered.
    private static final Duration HANGS = Duration.ofSeconds(10);

    private final String what;
    private final Callable<?> question;
    private final LongSupplier nanos;
    private CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
    private volatile Optional<String> last = Optional.empty();
    private volatile long askedAt;
    private boolean asked;

    /// @param what the server, in words
    /// @param question throws when there is no answer
    public Reachability(String what, Callable<?> question) {
        this(what, question, System::nanoTime);
    }

    Reachability(String what, Callable<?> question, LongSupplier nanos) {
        this.what = what;
        this.question = question;
        this.nanos = nanos;
    }

    /// Why it is away; waits for an answer under way, not for long.
    @Override
    public Optional<String> get() {
        CompletableFuture<Optional<String>> latest = latest();
        try {
            return latest.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return nanos.getAsLong() - askedAt < HANGS.toNanos()
                    ? last
                    : Optional.of("%s does not answer".formatted(what));
        } catch (ExecutionException e) {
            return Optional.of("%s cannot be asked: %s".formatted(what, e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("%s was not asked: interrupted".formatted(what));
        }
    }

    private synchronized CompletableFuture<Optional<String>> latest() {
        long now = nanos.getAsLong();
        boolean old = !asked || now - askedAt > REMEMBERED.toNanos();
        // One question at a time: a server that hangs gets no second one.
        if (old && (!asked || answer.isDone())) {
            asked = true;
            askedAt = now;
            CompletableFuture<Optional<String>> next = new CompletableFuture<>();
            answer = next;
            Thread.ofVirtual()
                    .name("firn-health")
                    .start(
                            () -> {
                                last = ask();
                                next.complete(last);
                            });
        }
        return answer;
    }

    private Optional<String> ask() {
        try {
            question.call();
            return Optional.empty();
        } catch (Exception | LinkageError e) {
            return Optional.of("%s does not answer: %s".formatted(what, e.getMessage()));
        }
    }
}
