package io.firn.controller.image;

import org.apache.kafka.common.Endpoint;
import org.apache.kafka.metadata.BrokerRegistration;

/// One registered broker in one image.
///
/// @param fenced whether it may neither lead nor be shown to clients
/// @param epoch of this registration; a later incarnation has a greater one
public record BrokerState(int id, String host, int port, boolean fenced, long epoch) {
    static BrokerState of(BrokerRegistration registration) {
        Endpoint endpoint = registration.listeners().get(ClusterImage.LISTENER.value());
        return new BrokerState(
                registration.id(),
                endpoint == null || endpoint.host() == null ? "" : endpoint.host(),
                endpoint == null ? -1 : endpoint.port(),
                registration.fenced(),
                registration.epoch());
    }
}
