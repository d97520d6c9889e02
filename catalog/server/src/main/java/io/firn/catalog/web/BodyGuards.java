package io.firn.catalog.web;

import io.firn.catalog.CatalogServices;
import io.firn.protocol.Descriptors;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;

import jakarta.inject.Provider;
import jakarta.inject.Singleton;

import org.jspecify.annotations.Nullable;

/// Puts a [BodyGuard] into every connection, and closes those for which the process has no file
/// descriptor to spare (G7).
@Singleton
final class BodyGuards implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    private final BodyBudget budget = new BodyBudget(System::nanoTime);
    private final Descriptors descriptors = Descriptors.ofProcess();
    private final Provider<CatalogServices> services;

    BodyGuards(Provider<CatalogServices> services) {
        this.services = services;
    }

    @Override
    public NettyServerCustomizer.Registry onCreated(
            BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        event.getBean().register(new Customizer(null));
        return event.getBean();
    }

    private boolean isBroker(io.netty.handler.codec.http.HttpRequest request) {
        return InternalToken.matches(
                request.headers().get(HttpHeaderNames.AUTHORIZATION),
                InternalToken.expected(services.get()));
    }

    private final class Customizer implements NettyServerCustomizer {
        private final @Nullable Channel channel;

        Customizer(@Nullable Channel channel) {
            this.channel = channel;
        }

        @Override
        public NettyServerCustomizer specializeForChannel(Channel at, ChannelRole role) {
            return role == ChannelRole.CONNECTION ? new Customizer(at) : this;
        }

        @Override
        public void onInitialPipelineBuilt() {
            if (channel != null && !descriptors.hasRoom()) {
                channel.close();
            } else if (channel != null) {
                channel.pipeline()
                        .addAfter(
                                ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC,
                                "firn-body-guard",
                                new BodyGuard(budget, BodyGuards.this::isBroker));
            }
        }
    }
}
