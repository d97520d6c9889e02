package io.firn.catalog.web;

import io.firn.catalog.CatalogServices;
import io.firn.protocol.Descriptors;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;

import jakarta.inject.Inject;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;

import org.jspecify.annotations.Nullable;

import java.util.function.BooleanSupplier;

/// Puts a [BodyGuard] into every connection, and closes those for which the process has no file
/// descriptor to spare (G7).
@Singleton
final class BodyGuards implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    private final BodyBudget budget = new BodyBudget(System::nanoTime);
    private final BooleanSupplier room;
    private final Provider<CatalogServices> services;

    @Inject
    BodyGuards(Provider<CatalogServices> services) {
        this(services, Descriptors.ofProcess()::hasRoom);
    }

    /// @param room whether the process has file descriptors for one more connection
    BodyGuards(Provider<CatalogServices> services, BooleanSupplier room) {
        this.services = services;
        this.room = room;
    }

    @Override
    public NettyServerCustomizer.Registry onCreated(
            BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        event.getBean().register(customizer());
        return event.getBean();
    }

    NettyServerCustomizer customizer() {
        return new Customizer(null);
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
            if (channel != null && !room.getAsBoolean()) {
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
