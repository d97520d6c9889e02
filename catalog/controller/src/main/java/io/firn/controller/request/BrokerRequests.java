package io.firn.controller.request;

import org.apache.kafka.common.errors.DuplicateBrokerRegistrationException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.apache.kafka.common.message.BrokerHeartbeatRequestData;
import org.apache.kafka.common.message.BrokerHeartbeatResponseData;
import org.apache.kafka.common.message.BrokerRegistrationRequestData;
import org.apache.kafka.common.message.BrokerRegistrationResponseData;
import org.apache.kafka.common.message.UnregisterBrokerResponseData;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.BrokerHeartbeatRequest;
import org.apache.kafka.common.requests.BrokerHeartbeatResponse;
import org.apache.kafka.common.requests.BrokerRegistrationRequest;
import org.apache.kafka.common.requests.BrokerRegistrationResponse;
import org.apache.kafka.common.requests.UnregisterBrokerRequest;
import org.apache.kafka.common.requests.UnregisterBrokerResponse;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.controller.ControllerRequestContext;
import org.apache.kafka.metadata.BrokerRegistration;
import org.apache.kafka.metadata.BrokerRegistrationReply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.HashSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// BrokerRegistration, BrokerHeartbeat and UnregisterBroker.
final class BrokerRequests {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerRequests.class);

    /// What QuorumController compares with when no earlier registration is known: saying the same
    /// counts as a clean shutdown.
    private static final long NO_REGISTRATION = -2;

    private final Controller controller;
    private final Registrations registrations;
    private final SingleCopy copies = new SingleCopy();

    BrokerRequests(Controller controller, Registrations registrations) {
        this.controller = controller;
        this.registrations = registrations;
    }

    Optional<CompletionStage<? extends AbstractResponse>> serve(
            AbstractRequest body, ControllerRequestContext context) {
        return switch (body) {
            case BrokerHeartbeatRequest r -> Optional.of(heartbeat(r, context));
            case BrokerRegistrationRequest r -> Optional.of(register(r.data(), context));
            case UnregisterBrokerRequest r ->
                    Optional.of(
                            controller
                                    .unregisterBroker(context, r.data().brokerId())
                                    .thenApply(
                                            ignored -> {
                                                copies.gone(r.data().brokerId());
                                                return new UnregisterBrokerResponse(
                                                        new UnregisterBrokerResponseData());
                                            }));
            default -> Optional.empty();
        };
    }

    private CompletionStage<BrokerHeartbeatResponse> heartbeat(
            BrokerHeartbeatRequest request, ControllerRequestContext context) {
        return controller
                .processBrokerHeartbeat(context, request.data())
                .thenApply(
                        reply ->
                                new BrokerHeartbeatResponse(
                                        new BrokerHeartbeatResponseData()
                                                .setIsCaughtUp(reply.isCaughtUp())
                                                .setIsFenced(reply.isFenced())
                                                .setShouldShutDown(reply.shouldShutDown())));
    }

    private CompletionStage<BrokerRegistrationResponse> register(
            BrokerRegistrationRequestData request, ControllerRequestContext context) {
        copies.admit(request.brokerId(), registrations.ids());
        return controller
                .registerBroker(context, request)
                .exceptionallyCompose(
                        error ->
                                ControllerRequests.unwrap(error)
                                                        instanceof
                                                        DuplicateBrokerRegistrationException
                                                && isSuccessor(request)
                                        ? takeOver(request, context)
                                        : CompletableFuture.failedFuture(error))
                .exceptionallyCompose(
                        error -> CompletableFuture.failedFuture(ofTheController(error)))
                .whenComplete(
                        (reply, error) -> {
                            if (error != null && registrations.broker(request.brokerId()) == null) {
                                copies.gone(request.brokerId());
                            }
                        })
                .thenApply(
                        reply ->
                                new BrokerRegistrationResponse(
                                        new BrokerRegistrationResponseData()
                                                .setBrokerEpoch(reply.epoch())));
    }

    /// R11: whoever presents the last broker epoch out of the same, locked data folder proves that
    /// the incarnation with that epoch is gone, however fresh its session looks. This is what every
    /// restart of a single process is.
    private boolean isSuccessor(BrokerRegistrationRequestData request) {
        BrokerRegistration registered = registrations.broker(request.brokerId());
        return registered != null
                && request.previousBrokerEpoch() == registered.epoch()
                && new HashSet<>(request.logDirs()).equals(new HashSet<>(registered.directories()));
    }

    /// To a broker that registers a policy violation says one thing: [SingleCopy] refused it. The
    /// controller's own, a change of more records than it allows, gets another name.
    private static Throwable ofTheController(Throwable error) {
        Throwable cause = ControllerRequests.unwrap(error);
        if (!(cause instanceof PolicyViolationException)) {
            return cause;
        }
        LOG.error("The controller could not register a broker", cause);
        return new UnknownServerException(cause.getMessage(), cause);
    }

    /// The old incarnation is fenced, which takes the broker out of every ISR and keeps it in the
    /// ELRs; its registration ends, and only then the new one begins, cleanly, since its epoch was
    /// known.
    ///
    /// It is fenced first, by a last heartbeat in its name, because `QuorumController` writes the
    /// partition changes of a heartbeat in as many batches as it takes, but allows an
    /// unregistration 10,000 records in all: a broker with more partitions never came back.
    private CompletableFuture<BrokerRegistrationReply> takeOver(
            BrokerRegistrationRequestData request, ControllerRequestContext context) {
        LOG.info(
                "Broker {} is back with the epoch {} of its earlier incarnation: the registration of that one ends now",
                request.brokerId(),
                request.previousBrokerEpoch());
        return controller
                .processBrokerHeartbeat(
                        context,
                        new BrokerHeartbeatRequestData()
                                .setBrokerId(request.brokerId())
                                .setBrokerEpoch(request.previousBrokerEpoch())
                                .setWantFence(true))
                .thenCompose(fenced -> controller.unregisterBroker(context, request.brokerId()))
                .thenCompose(
                        ended ->
                                controller.registerBroker(
                                        context,
                                        request.duplicate()
                                                .setPreviousBrokerEpoch(NO_REGISTRATION)));
    }
}
