package io.firn.controller.request;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.message.BrokerRegistrationRequestData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.BrokerRegistrationRequest;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.controller.ControllerRequestContext;
import org.junit.jupiter.api.Test;

import java.lang.reflect.Proxy;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

class BrokerRequestsTest {
    /// A policy violation tells a broker that there is another one.
    @Test
    void aRefusalByTheControllerIsNotToldAsOneBrokerTooMany() {
        Controller refusing =
                (Controller)
                        Proxy.newProxyInstance(
                                Controller.class.getClassLoader(),
                                new Class<?>[] {Controller.class},
                                (proxy, method, arguments) ->
                                        CompletableFuture.failedFuture(
                                                new PolicyViolationException(
                                                        "Excessively large batch")));
        CompletableFuture<?> answer =
                new BrokerRequests(refusing, new Registrations())
                        .serve(
                                new BrokerRegistrationRequest.Builder(
                                                new BrokerRegistrationRequestData().setBrokerId(1))
                                        .build(),
                                new ControllerRequestContext(
                                        new RequestHeaderData(),
                                        KafkaPrincipal.ANONYMOUS,
                                        OptionalLong.empty()))
                        .orElseThrow()
                        .toCompletableFuture();
        assertThat(Errors.forException(ControllerRequests.unwrap(answer.exceptionNow())))
                .isEqualTo(Errors.UNKNOWN_SERVER_ERROR);
    }
}
