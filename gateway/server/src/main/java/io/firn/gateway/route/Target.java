package io.firn.gateway.route;

import io.firn.controller.image.BrokerState;

import org.apache.kafka.common.errors.ApiException;

/// Where a request goes, given the cluster as it is now.
public sealed interface Target {
    /// The untouched frame goes to one broker.
    ///
    /// @param ifUnreachable the retriable error to answer with when the broker cannot be reached
    record One(BrokerState broker, ApiException ifUnreachable) implements Target {}

    /// Parts of it would go to several brokers.
    record Several() implements Target {}

    /// Nobody can answer now, or not at all.
    record Nobody(ApiException error) implements Target {}

    record Here() implements Target {}
}
