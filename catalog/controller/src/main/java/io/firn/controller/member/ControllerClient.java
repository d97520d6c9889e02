package io.firn.controller.member;

import io.firn.controller.raft.Connections;
import io.firn.protocol.CloseStack;

import org.apache.kafka.clients.ClientResponse;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.LogContext;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// Sends requests to the active controller: finds it, asks again when it moved or is away, gives up
/// after half a minute. Thread safe; never blocks.
public final class ControllerClient implements AutoCloseable {
    private static final int REQUEST_TIMEOUT_MS = 10_000;
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long RETRY_MS = 50;
    private static final AtomicInteger CLIENTS = new AtomicInteger();

    private final Supplier<Map<Integer, InetSocketAddress>> voters;
    private final Supplier<OptionalInt> leaderHint;
    private final Metrics metrics = new Metrics();
    private final SendThread thread;
    private final AtomicInteger turn = new AtomicInteger();
    private volatile int active = -1;
    private volatile boolean closed;

    /// Without a hint who leads: asks one controller after the other.
    ///
    /// @param clusterKey the secret of the cluster's members; controllers talk to nobody else (G6)
    public ControllerClient(Supplier<Map<Integer, InetSocketAddress>> voters, byte[] clusterKey) {
        this(voters, OptionalInt::empty, clusterKey);
    }

    /// Asks the controller first that the follower knows as leader.
    public ControllerClient(ClusterFollower follower) {
        this(follower::voters, follower::leader, follower.clusterKey());
    }

    private ControllerClient(
            Supplier<Map<Integer, InetSocketAddress>> voters,
            Supplier<OptionalInt> leaderHint,
            byte[] clusterKey) {
        this.voters = voters;
        this.leaderHint = leaderHint;
        String name = "controller-client-" + CLIENTS.incrementAndGet();
        this.thread =
                new SendThread(
                        name,
                        Connections.client(
                                name,
                                metrics,
                                "controller-client",
                                REQUEST_TIMEOUT_MS,
                                clusterKey,
                                new LogContext("[" + name + "] ")),
                        REQUEST_TIMEOUT_MS);
        thread.start();
    }

    /// Fails with a Kafka `TimeoutException` when no controller answered in time: a change may then
    /// have happened or not. Errors that the answer itself names are the caller's. Completes on
    /// this client's thread, which the caller must not block.
    public CompletableFuture<AbstractResponse> send(AbstractRequest.Builder<?> request) {
        CompletableFuture<AbstractResponse> answer = new CompletableFuture<>();
        attempt(request, System.nanoTime() + GIVE_UP_NANOS, answer);
        return answer;
    }

    private void attempt(
            AbstractRequest.Builder<?> request,
            long deadlineNanos,
            CompletableFuture<AbstractResponse> answer) {
        if (closed) {
            answer.completeExceptionally(
                    new DisconnectException("The controller client is closed"));
            return;
        }
        Node target = target();
        thread.send(
                target,
                request,
                response -> {
                    try {
                        onResponse(target, request, deadlineNanos, answer, response);
                    } catch (RuntimeException e) {
                        answer.completeExceptionally(e);
                    }
                });
    }

    private void onResponse(
            Node target,
            AbstractRequest.Builder<?> request,
            long deadlineNanos,
            CompletableFuture<AbstractResponse> answer,
            ClientResponse response) {
        if (response.versionMismatch() != null) {
            answer.completeExceptionally(response.versionMismatch());
        } else if (response.authenticationException() != null) {
            answer.completeExceptionally(response.authenticationException());
        } else if (response.hasResponse() && !leadsNot(response.responseBody())) {
            active = target.id();
            answer.complete(response.responseBody());
        } else {
            active = -1;
            retry(target, request, deadlineNanos, answer);
        }
    }

    private void retry(
            Node target,
            AbstractRequest.Builder<?> request,
            long deadlineNanos,
            CompletableFuture<AbstractResponse> answer) {
        if (System.nanoTime() >= deadlineNanos) {
            answer.completeExceptionally(
                    new TimeoutException(
                            "No active controller answered %s within %d s, last asked: %s. Check that a majority of %s runs, and that it has this node's cluster key."
                                    .formatted(
                                            request.apiKey(),
                                            TimeUnit.NANOSECONDS.toSeconds(GIVE_UP_NANOS),
                                            target,
                                            voters.get())));
            return;
        }
        CompletableFuture.delayedExecutor(RETRY_MS, TimeUnit.MILLISECONDS)
                .execute(() -> attempt(request, deadlineNanos, answer));
    }

    private static boolean leadsNot(AbstractResponse response) {
        return response.errorCounts().containsKey(Errors.NOT_CONTROLLER);
    }

    /// The one that answered last, else the one that leads as far as known, else the next in turn.
    private Node target() {
        Map<Integer, InetSocketAddress> known = voters.get();
        List<Integer> ids = new ArrayList<>(known.keySet());
        ids.sort(Integer::compare);
        int id = active;
        if (!known.containsKey(id)) {
            id = leaderHint.get().orElse(-1);
        }
        // Every other time in turn: the hint may be of yesterday.
        int next = turn.getAndIncrement();
        if (!known.containsKey(id) || (active < 0 && next % 2 == 1)) {
            id = ids.get(Math.floorMod(next / 2, ids.size()));
        }
        InetSocketAddress address = known.get(id);
        if (address == null) {
            throw new IllegalStateException("No controller has the id " + id);
        }
        return new Node(id, address.getHostString(), address.getPort());
    }

    @Override
    public void close() {
        closed = true;
        CloseStack.closeAll("controller client", thread::shutdown, metrics::close);
        thread.failUnsent();
    }

    static long now() {
        return Time.SYSTEM.milliseconds();
    }
}
