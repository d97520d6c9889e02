package io.firn.gateway.upstream;

import io.firn.controller.image.BrokerState;
import io.firn.controller.image.ClusterImage;
import io.firn.protocol.connection.ClientChannel;
import io.firn.protocol.connection.Connection;
import io.firn.protocol.connection.InboundRequest;
import io.firn.protocol.preface.Caller;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One client connection's connections to brokers, opened when needed (G1). Used on the client's
/// event loop only.
public final class Upstreams {
    private final Connection connection;
    private final ClientChannel client;
    private final Caller caller;
    private final BrokerLinks links;
    private final Map<Reachability.Address, Upstream> open = new HashMap<>();

    private Upstreams(
            Connection connection, ClientChannel client, Caller caller, BrokerLinks links) {
        this.connection = connection;
        this.client = client;
        this.caller = caller;
        this.links = links;
    }

    public static Upstreams of(InboundRequest first, BrokerLinks links) {
        Upstreams upstreams =
                new Upstreams(first.connection(), first.channel(), first.caller(), links);
        first.connection().onClose(upstreams::close);
        first.channel().onWritability(() -> upstreams.all().forEach(Upstream::clientWritability));
        return upstreams;
    }

    /// A connection to `broker`; one that refuses everything if it was not reached a moment ago.
    public Upstream to(BrokerState broker) {
        var address = new Reachability.Address(broker.id(), broker.host(), broker.port());
        Upstream known = open.get(address);
        if (known != null) {
            return known;
        }
        Upstream opened = Upstream.open(this, broker);
        if (!opened.isClosed()) {
            open.put(address, opened);
            updatePause();
        }
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

    BrokerLinks links() {
        return links;
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
