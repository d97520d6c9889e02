package io.firn.gateway;

import io.firn.controller.ClusterImage;
import io.firn.protocol.InboundRequest;
import io.firn.protocol.RequestHandler;

import org.apache.kafka.common.errors.UnsupportedVersionException;

import java.util.function.Supplier;

/// The way of every request: may it pass, who answers, go.
final class GatewayHandler implements RequestHandler {
    private final Supplier<ClusterImage> images;
    private final Answers answers;
    private final byte[] clusterKey;
    private final Pipes pipes;

    GatewayHandler(Supplier<ClusterImage> images, Answers answers, byte[] clusterKey, Pipes pipes) {
        this.images = images;
        this.answers = answers;
        this.clusterKey = clusterKey;
        this.pipes = pipes;
    }

    @Override
    public void handle(InboundRequest request) {
        var refusal = Admission.refusal(request);
        if (refusal.isPresent()) {
            request.fail(refusal.get());
            return;
        }
        ClusterImage image = images.get(); // looked at once per request
        Route route = Router.route(request.header().apiKey());
        switch (Targets.find(route, request.body(), request.names(), image)) {
            case Target.Here here -> answers.answer(request, image, () -> upstreamsOf(request));
            case Target.One one ->
                    request.onLoop(
                            () ->
                                    request.connection()
                                            .attribute(Upstreams.class, () -> upstreamsOf(request))
                                            .to(one.broker())
                                            .forward(request, one.whenAway()));
            case Target.Nobody nobody -> request.fail(nobody.error());
            case Target.Several several ->
                    request.fail(
                            new UnsupportedVersionException(
                                    "Partitions or groups of several brokers in one request are"
                                            + " not supported yet; ask for those of one"));
        }
    }

    private Upstreams upstreamsOf(InboundRequest request) {
        return Upstreams.of(request, clusterKey, pipes);
    }
}
