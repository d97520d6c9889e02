package io.firn.catalog.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer.ChannelRole;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpServerCodec;

import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicBoolean;

class BodyGuardsTest {
    private final AtomicBoolean room = new AtomicBoolean(true);
    private final BodyGuards guards =
            new BodyGuards(
                    () -> {
                        throw new IllegalStateException("Nobody asks");
                    },
                    room::get);

    private EmbeddedChannel connection() {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline()
                .addLast(
                        ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC, new HttpServerCodec());
        guards.customizer()
                .specializeForChannel(channel, ChannelRole.CONNECTION)
                .onInitialPipelineBuilt();
        return channel;
    }

    @Test
    void aConnectionIsClosedWhileTheProcessHasNoDescriptorToSpare() { // G7
        EmbeddedChannel early = connection();
        assertThat(early.pipeline().get(BodyGuard.class)).isNotNull();
        room.set(false);
        assertThat(connection().isOpen()).isFalse();
        assertThat(early.isOpen()).isTrue();
        room.set(true);
        assertThat(connection().isOpen()).isTrue();
    }
}
