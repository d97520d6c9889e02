package io.firn.catalog.web;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;

import jakarta.inject.Singleton;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.atomic.AtomicLong;

/// Bytes of unanswered requests that all connections to the catalog may hold at once. Bodies are
/// gathered whole before they are read, so a hundred slow senders of large ones would otherwise
/// take the memory of everything else in the process. Who goes beyond is disconnected.
@Singleton
final class BodyBudget implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {
    private static final Logger LOG = LoggerFactory.getLogger(BodyBudget.class);
    private static final long MOST_BYTES = 64L << 20;

    private final AtomicLong held = new AtomicLong();

    @Override
    public NettyServerCustomizer.Registry onCreated(
            BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        event.getBean().register(new Customizer(null));
        return event.getBean();
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
            if (channel != null) {
                channel.pipeline().addFirst("firn-body-budget", new Meter());
            }
        }
    }

    /// Counts what one connection has sent since its last answer began.
    private final class Meter extends ChannelDuplexHandler {
        private long sent;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
            int bytes = message instanceof ByteBuf buffer ? buffer.readableBytes() : 0;
            sent += bytes;
            if (held.addAndGet(bytes) > MOST_BYTES) {
                LOG.warn(
                        "Closing connection {}: unanswered requests to the catalog hold more than {} bytes, {} of them are its own",
                        ctx.channel(),
                        MOST_BYTES,
                        sent);
                io.netty.util.ReferenceCountUtil.release(message);
                ctx.close();
                return;
            }
            super.channelRead(ctx, message);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
                throws Exception {
            giveBack();
            super.write(ctx, message, promise);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) throws Exception {
            giveBack();
            super.channelInactive(ctx);
        }

        private void giveBack() {
            held.addAndGet(-sent);
            sent = 0;
        }
    }
}
