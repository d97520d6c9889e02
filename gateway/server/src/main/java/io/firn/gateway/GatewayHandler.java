package io.firn.gateway;

import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.ClusterView;
import io.firn.gateway.answer.Answers;
import io.firn.gateway.route.Route;
import io.firn.gateway.route.Router;
import io.firn.gateway.route.Target;
import io.firn.gateway.route.Targets;
import io.firn.gateway.upstream.BrokerLinks;
import io.firn.gateway.upstream.ChangeRelay;
import io.firn.gateway.upstream.Upstream;
import io.firn.gateway.upstream.Upstreams;
import io.firn.protocol.connection.InboundRequest;
import io.firn.protocol.connection.RequestHandler;

import org.apache.kafka.common.errors.UnsupportedVersionException;

/// The way of every request: may it pass, who answers, go.
final class GatewayHandler implements RequestHandler {
    private final ClusterView cluster;
    private final Answers answers;
    private final ChangeRelay changes;
    private final BrokerLinks links;

    GatewayHandler(ClusterView cluster, Answers answers, BrokerLinks links) {
        this.cluster = cluster;
        this.changes = new ChangeRelay(cluster);
        this.answers = answers;
        this.links = links;
    }

    @Override
    public void handle(InboundRequest request) {
        var refusal = Admission.refusal(request);
        if (refusal.isPresent()) {
            request.fail(refusal.get());
            return;
        }
        ClusterImage image = cluster.image(); // looked at once per request
        Route route = Router.route(request.header().apiKey());
        switch (Targets.find(route, request.body(), request.names(), image)) {
            case Target.Here here -> answers.answer(request, image);
            case Target.One one -> request.onLoop(() -> pass(request, one));
            case Target.Nobody nobody -> request.fail(nobody.error());
            case Target.Several several ->
                    request.fail(
                            new UnsupportedVersionException(
                                    "Partitions or groups of several brokers in one request are"
                                            + " not supported yet; ask for those of one"));
        }
    }

    private void pass(InboundRequest request, Target.One target) {
        Upstream broker =
                request.connection()
                        .attribute(Upstreams.class, () -> upstreamsOf(request))
                        .to(target.broker());
        if (ChangeRelay.carries(request.header().apiKey())) {
            changes.relay(request, broker);
        } else {
            broker.forward(request, target.ifUnreachable());
        }
    }

    private Upstreams upstreamsOf(InboundRequest request) {
        return Upstreams.of(request, links);
    }
}
