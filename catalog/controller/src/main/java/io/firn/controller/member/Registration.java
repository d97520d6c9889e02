package io.firn.controller.member;

import io.firn.controller.ControllerNode;
import io.firn.controller.image.ClusterImage;
import io.firn.controller.request.SingleCopy;

import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.message.BrokerRegistrationRequestData;
import org.apache.kafka.common.message.BrokerRegistrationRequestData.Feature;
import org.apache.kafka.common.message.BrokerRegistrationRequestData.FeatureCollection;
import org.apache.kafka.common.message.BrokerRegistrationRequestData.Listener;
import org.apache.kafka.common.message.BrokerRegistrationRequestData.ListenerCollection;
import org.apache.kafka.common.message.BrokerRegistrationResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.BrokerRegistrationRequest;
import org.apache.kafka.common.requests.BrokerRegistrationResponse;
import org.apache.kafka.controller.QuorumFeatures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/// Gets a broker its epoch; asks again while an earlier incarnation counts as alive (R11).
final class Registration {
    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
    /// For a controller that does not answer: one with very many partitions loads for minutes.
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /// For an earlier incarnation that the controller does not fence.
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long RETRY_MS = 200;

    private final SessionConfig config;
    private final ControllerClient controller;

    Registration(SessionConfig config, ControllerClient controller) {
        this.config = config;
        this.controller = controller;
    }

    /// @return the broker epoch
    long register() {
        long deadlineNanos = Long.MAX_VALUE;
        boolean said = false;
        while (true) {
            BrokerRegistrationResponseData answer = ask();
            Errors error = Errors.forCode(answer.errorCode());
            if (error == Errors.NONE) {
                return answer.brokerEpoch();
            }
            if (error == Errors.POLICY_VIOLATION) {
                throw new IllegalStateException(
                        SingleCopy.refusedBroker(config.brokerId()), error.exception());
            }
            if (error != Errors.DUPLICATE_BROKER_REGISTRATION
                    || System.nanoTime() >= deadlineNanos) {
                throw new IllegalStateException(
                        "Cannot register broker %d: %s"
                                .formatted(config.brokerId(), error.message()),
                        error.exception());
            }
            if (!said) {
                deadlineNanos = System.nanoTime() + GIVE_UP_NANOS;
                LOG.info(
                        "Broker {} waits until the controller has fenced its earlier incarnation, at most {} s",
                        config.brokerId(),
                        ControllerNode.SESSION.toSeconds());
                said = true;
            }
            pause();
        }
    }

    /// Asks until a controller has answered, for which one that still loads takes its time.
    /// Asking again is safe: the incarnation is the same.
    private BrokerRegistrationResponseData ask() {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return ((BrokerRegistrationResponse)
                                controller
                                        .send(new BrokerRegistrationRequest.Builder(request()))
                                        .get())
                        .data();
            } catch (ExecutionException e) {
                String cause = String.valueOf(e.getCause());
                if (!(e.getCause() instanceof TimeoutException)
                        || System.nanoTime() >= deadlineNanos) {
                    throw new TimeoutException(
                            "Cannot register broker %d: %s".formatted(config.brokerId(), cause), e);
                }
                LOG.warn(
                        "Broker {} is not registered yet and asks again, for at most {} minutes: {}",
                        config.brokerId(),
                        PATIENCE.toMinutes(),
                        cause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while registering", e);
            }
        }
    }

    private BrokerRegistrationRequestData request() {
        ListenerCollection listeners = new ListenerCollection();
        listeners.add(
                new Listener()
                        .setName(ClusterImage.LISTENER.value())
                        .setHost(config.host())
                        .setPort(config.port())
                        .setSecurityProtocol((short) 0));
        FeatureCollection features = new FeatureCollection();
        QuorumFeatures.defaultSupportedFeatureMap(false)
                .forEach(
                        (name, range) ->
                                features.add(
                                        new Feature()
                                                .setName(name)
                                                .setMinSupportedVersion(range.min())
                                                .setMaxSupportedVersion(range.max())));
        return new BrokerRegistrationRequestData()
                .setBrokerId(config.brokerId())
                .setClusterId(config.clusterId())
                .setIncarnationId(config.incarnation())
                .setListeners(listeners)
                .setFeatures(features)
                .setLogDirs(List.of(config.directory()))
                .setPreviousBrokerEpoch(config.previousEpoch());
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(RETRY_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while registering", e);
        }
    }
}
