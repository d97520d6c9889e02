package io.firn.controller.member;

import io.firn.controller.ControllerNode;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.message.BrokerHeartbeatRequestData;
import org.apache.kafka.common.message.BrokerHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.BrokerHeartbeatRequest;
import org.apache.kafka.common.requests.BrokerHeartbeatResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/// A broker's registration and the heartbeats that keep it. All requests go out one after the
/// other.
public final class BrokerSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerSession.class);

    /// How often a broker asks that waits to be unfenced, or to be let go.
    private static final long EAGER_MS = 25;

    private final SessionConfig config;
    private final ControllerClient controller;
    private final ClusterFollower follower;
    private final ScheduledExecutorService timer;
    private final long epoch;
    private final CompletableFuture<Void> unfenced = new CompletableFuture<>();
    private final CompletableFuture<Void> released = new CompletableFuture<>();
    private final CompletableFuture<Void> lost = new CompletableFuture<>();
    private volatile boolean leaving;
    private volatile List<Uuid> failedDirectories = List.of();
    private volatile boolean fencedNow = true;
    private volatile long answeredAt = System.nanoTime();

    private BrokerSession(
            SessionConfig config,
            ControllerClient controller,
            ClusterFollower follower,
            long epoch) {
        this.config = config;
        this.controller = controller;
        this.follower = follower;
        this.epoch = epoch;
        this.timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform()
                                .daemon()
                                .name("broker-" + config.brokerId() + "-session")
                                .factory());
    }

    /// Returns when the broker is registered and has its epoch; from then on the controller may
    /// give it leaderships, so it serves already.
    ///
    /// @throws TimeoutException if no controller registers it in time
    public static BrokerSession start(
            SessionConfig config, ControllerClient controller, ClusterFollower follower) {
        return start(config, controller, follower, epoch -> {});
    }

    /// @param onRegistered gets the epoch before the broker can be given a leadership, to keep it
    ///     synced before the first append (R21)
    public static BrokerSession start(
            SessionConfig config,
            ControllerClient controller,
            ClusterFollower follower,
            LongConsumer onRegistered) {
        long epoch = new Registration(config, controller).register();
        onRegistered.accept(epoch);
        BrokerSession session = new BrokerSession(config, controller, follower, epoch);
        LOG.info(
                "Broker {} is registered at epoch {}, incarnation {}",
                config.brokerId(),
                epoch,
                config.incarnation());
        session.next(0);
        return session;
    }

    /// Epoch of this registration.
    public long epoch() {
        return epoch;
    }

    /// Whether the controller counted this broker as alive at its last heartbeat.
    public boolean unfenced() {
        return !fencedNow;
    }

    /// Why the controller gives this broker nothing to lead, or may soon take it away; empty
    /// while all is well.
    public Optional<String> trouble() {
        if (lost.isDone()) {
            return Optional.of("its registration is lost");
        }
        if (leaving) {
            return Optional.of("it is stopping");
        }
        Duration silence = Duration.ofNanos(System.nanoTime() - answeredAt);
        if (silence.compareTo(ControllerNode.SESSION) > 0) {
            return Optional.of(
                    "the controller has not answered a heartbeat for %d s"
                            .formatted(silence.toSeconds()));
        }
        return fencedNow
                ? Optional.of("fenced: the controller does not count it as alive")
                : Optional.empty();
    }

    /// Waits until the controller counts this broker as alive.
    ///
    /// @throws TimeoutException if it does not in time
    public void awaitUnfenced(Duration timeout) {
        try {
            unfenced.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new TimeoutException(
                    "Broker %d is still fenced after %d ms; the controller is at offset %d as known here"
                            .formatted(
                                    config.brokerId(),
                                    timeout.toMillis(),
                                    follower.image().offset()),
                    e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "Broker %d cannot be unfenced".formatted(config.brokerId()), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting to be unfenced", e);
        }
    }

    /// Asks to hand leaderships over; completes when the broker may stop.
    public CompletableFuture<Void> controlledShutdown() {
        leaving = true;
        next(0);
        return released;
    }

    /// Tells the controller, with each heartbeat from now on, that this log directory failed: it
    /// takes away the leaderships that need it, and gives none again before the next registration
    /// (R20).
    public void directoryFailed(Uuid directory) {
        failedDirectories = List.of(directory);
        next(0);
    }

    /// Completes exceptionally when the registration is another's now: this broker must not go on.
    public CompletableFuture<Void> lost() {
        return lost;
    }

    private void next(long delayMs) {
        if (!timer.isShutdown()) {
            timer.schedule(this::beat, delayMs, TimeUnit.MILLISECONDS);
        }
    }

    private boolean inFlight;

    /// On the timer's thread. A beat that finds another under way leaves it to that one.
    private void beat() {
        if (inFlight || lost.isDone() || released.isDone()) {
            return;
        }
        inFlight = true;
        controller
                .send(
                        new BrokerHeartbeatRequest.Builder(
                                new BrokerHeartbeatRequestData()
                                        .setBrokerId(config.brokerId())
                                        .setBrokerEpoch(epoch)
                                        .setCurrentMetadataOffset(follower.image().offset())
                                        .setWantShutDown(leaving)
                                        .setOfflineLogDirs(failedDirectories)))
                .whenComplete(
                        (response, error) -> {
                            if (!timer.isShutdown()) {
                                timer.execute(
                                        () ->
                                                beaten(
                                                        response
                                                                        instanceof
                                                                        BrokerHeartbeatResponse r
                                                                ? r.data()
                                                                : null,
                                                        error));
                            }
                        });
    }

    private void beaten(@Nullable BrokerHeartbeatResponseData answer, @Nullable Throwable error) {
        inFlight = false;
        if (answer == null) {
            LOG.warn(
                    "Broker {} could not reach the controller: {}",
                    config.brokerId(),
                    String.valueOf(error));
            next(config.heartbeat().toMillis());
            return;
        }
        Errors code = Errors.forCode(answer.errorCode());
        switch (code) {
            case NONE -> accept(answer);
            case STALE_BROKER_EPOCH, BROKER_ID_NOT_REGISTERED -> lose(code);
            default -> {
                LOG.warn("Heartbeat of broker {} was refused: {}", config.brokerId(), code);
                next(config.heartbeat().toMillis());
            }
        }
    }

    private void accept(BrokerHeartbeatResponseData answer) {
        if (fencedNow != answer.isFenced()) {
            LOG.info(
                    "Broker {} is {} at epoch {}",
                    config.brokerId(),
                    answer.isFenced() ? "fenced" : "unfenced",
                    epoch);
        }
        fencedNow = answer.isFenced();
        answeredAt = System.nanoTime();
        if (!fencedNow) {
            unfenced.complete(null);
        }
        if (leaving && answer.shouldShutDown()) {
            released.complete(null);
            return;
        }
        boolean eager = leaving || fencedNow;
        next(eager ? EAGER_MS : config.heartbeat().toMillis());
    }

    private void lose(Errors code) {
        fencedNow = true;
        IllegalStateException cause =
                new IllegalStateException(
                        "Broker %d lost its registration at epoch %d (%s): another process registered with its id, or it was unregistered. Stop one of them."
                                .formatted(config.brokerId(), epoch, code));
        LOG.error("{}", cause.getMessage());
        lost.completeExceptionally(cause);
        unfenced.completeExceptionally(cause);
        released.complete(null); // nothing is left to hand over
    }

    /// Stops the heartbeats at once, as a crash would.
    @Override
    public void close() {
        timer.shutdownNow();
    }
}
