package io.firn.gateway;

import io.firn.controller.BrokerState;
import io.firn.controller.ClusterImage;
import io.firn.protocol.Caller;
import io.firn.protocol.ClientChannel;
import io.firn.protocol.Connection;
import io.firn.protocol.InboundRequest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One client connection's connections to brokers, opened when needed (G1). Used on the client's
/// event loop only.
final class Upstreams {
    private record Address(int brokerId, String host, int port) {}

    private final Connection connection;
    private final ClientChannel client;
    private final Caller caller;
    private final byte[] clusterKey;
    private final Pipes pipes;
    private final Map<Address, Upstream> open = new HashMap<>();

    private Upstreams(
            Connection connection,
            ClientChannel client,
            Caller caller,
            byte[] clusterKey,
            Pipes pipes) {
        this.connection = connection;
        this.client = client;
        this.caller = caller;
        this.clusterKey = clusterKey;
        this.pipes = pipes;
    }

    static Upstreams of(InboundRequest first, byte[] clusterKey, Pipes pipes) {
        Upstreams upstreams =
                new Upstreams(
                        first.connection(), first.channel(), first.caller(), clusterKey, pipes);
        first.connection().onClose(upstreams::close);
        first.channel().onWritability(() -> upstreams.all().forEach(Upstream::clientWritability));
        return upstreams;
    }

    Upstream to(BrokerState broker) {
        Address address = new Address(broker.id(), broker.host(), broker.port());
        Upstream known = open.get(address);
        if (known != null) {
            return known;
        }
        Upstream opened = new Upstream(this, broker, clusterKey);
        open.put(address, opened);
        updatePause();
        return opened;
    }

    /// The connection that serves requests for which any broker will do.
    Optional<Upstream> toAny(ClusterImage image) {
        return image.alive().stream().findFirst().map(this::to);
    }

    Connection connection() {
        return connection;
    }

    ClientChannel client() {
        return client;
    }

    Pipes pipes() {
        return pipes;
    }

    Caller caller() {
        return caller;
    }

    void remove(Upstream upstream) {
        open.values().remove(upstream);
        updatePause();
    }

    /// Reads from the client stop while any broker does not take more.
    void updatePause() {
        client.pauseReading(open.values().stream().anyMatch(u -> !u.takesMore()));
    }

    private List<Upstream> all() {
        return new ArrayList<>(open.values());
    }

    private void close() {
        all().forEach(Upstream::close);
    }
}
