package io.firn.catalog.web;

import io.firn.catalog.web.BodyBudget.Held;
import io.firn.catalog.web.BodyBudget.Lane;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Looks at the bodies of one connection before anybody gathers them: one that is too large for its
/// door is answered 413, one that stops 408, one for which there is no memory 503, each as its door
/// says errors. Counts the answers that its client has not taken yet; when there are too many of
/// all clients' the connection is closed. Sits behind the HTTP codec; used on the connection's
/// event loop.
final class BodyGuard extends ChannelDuplexHandler {
    private static final long LOOK_SECONDS = 5;

    /// How long a client may go on sending before it has to read why nobody listens.
    private static final long LINGER_SECONDS = 2;

    private final BodyBudget budget;
    private final Predicate<HttpRequest> ofBroker;
    private final Deque<Held> unanswered = new ArrayDeque<>();
    private final Queue<Object> behind = new ArrayDeque<>();
    private @Nullable Held body;
    private Door door = Door.OTHER;
    private long bodyBytes;
    private boolean waits;
    private boolean watching;
    private boolean refused;
    private boolean toBroker;

    /// @param ofBroker whether a request shows the cluster's token
    BodyGuard(BodyBudget budget, Predicate<HttpRequest> ofBroker) {
        this.budget = budget;
        this.ofBroker = ofBroker;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (refused) {
            ReferenceCountUtil.release(message);
            if (message instanceof LastHttpContent) {
                ctx.close();
            } else {
                ctx.read();
            }
        } else if (waits) {
            behind.add(message);
        } else {
            look(ctx, message);
        }
    }

    private void look(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpRequest request && !begin(ctx, request)) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpContent part && body != null) {
            if (!came(ctx, body, part.content().readableBytes())) {
                ReferenceCountUtil.release(message);
                return;
            }
            if (message instanceof LastHttpContent) {
                whole(ctx, body, message);
                return;
            }
            watch(ctx);
        }
        ctx.fireChannelRead(message);
    }

    private boolean begin(ChannelHandlerContext ctx, HttpRequest request) {
        door = Door.of(request.uri());
        Lane lane = door == Door.INTERNAL && ofBroker.test(request) ? Lane.BROKERS : Lane.CLIENTS;
        Held held = budget.begin(lane, () -> evicted(ctx));
        unanswered.add(held);
        body = held;
        bodyBytes = 0;
        return fits(ctx, announced(request));
    }

    private static long announced(HttpRequest request) {
        String length = request.headers().get(HttpHeaderNames.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length.trim());
        } catch (NumberFormatException e) {
            return 0; // the codec has refused it
        }
    }

    private boolean came(ChannelHandlerContext ctx, Held held, int bytes) {
        bodyBytes += bytes;
        if (!fits(ctx, bodyBytes)) {
            return false;
        }
        if (bytes > 0 && !budget.came(held, bytes)) {
            refuse(
                    ctx,
                    HttpResponseStatus.SERVICE_UNAVAILABLE,
                    "The catalog has no memory for this request's body at the moment; try again");
            return false;
        }
        return true;
    }

    private boolean fits(ChannelHandlerContext ctx, long bytes) {
        if (bytes <= door.mostBytes()) {
            return true;
        }
        refuse(
                ctx,
                HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                "The request's body is too large: at most %d bytes are allowed below %s"
                        .formatted(door.mostBytes(), door.prefix()));
        return false;
    }

    private void whole(ChannelHandlerContext ctx, Held held, Object last) {
        body = null;
        waits = true;
        budget.whole(held, () -> onLoop(ctx, () -> goOn(ctx, last)));
    }

    private void goOn(ChannelHandlerContext ctx, Object last) {
        if (refused || !ctx.channel().isActive()) {
            ReferenceCountUtil.release(last);
            return;
        }
        waits = false;
        ctx.fireChannelRead(last);
        while (!waits && !behind.isEmpty()) {
            channelRead(ctx, behind.remove());
        }
        ctx.fireChannelReadComplete();
    }

    private void evicted(ChannelHandlerContext ctx) {
        onLoop(
                ctx,
                () ->
                        refuse(
                                ctx,
                                HttpResponseStatus.REQUEST_TIMEOUT,
                                "The request's body stopped, and others need its memory"));
    }

    /// As long as a body is under way, its pace is looked at now and then.
    private void watch(ChannelHandlerContext ctx) {
        if (watching) {
            return;
        }
        watching = true;
        var unused =
                ctx.executor()
                        .schedule(
                                () -> {
                                    watching = false;
                                    Held held = body;
                                    if (held == null || refused) {
                                        return;
                                    }
                                    if (budget.isSlow(held)) {
                                        refuse(
                                                ctx,
                                                HttpResponseStatus.REQUEST_TIMEOUT,
                                                "The request's body comes too slowly");
                                    } else {
                                        watch(ctx);
                                    }
                                },
                                LOOK_SECONDS,
                                TimeUnit.SECONDS);
    }

    /// Answers if it is this request's turn, then listens no more.
    private void refuse(ChannelHandlerContext ctx, HttpResponseStatus status, String message) {
        if (refused || !ctx.channel().isActive()) {
            return;
        }
        refused = true;
        if (status != HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE) {
            budget.warn(
                    "Answering {} on connection {}, {} bytes of whose request have come: {} (G7)",
                    status,
                    ctx.channel(),
                    bodyBytes,
                    message);
        }
        boolean turn = unanswered.size() == 1;
        giveAll();
        if (!turn) {
            ctx.close();
            return;
        }
        byte[] text =
                door.error(status.code(), status.reasonPhrase(), message)
                        .getBytes(StandardCharsets.UTF_8);
        FullHttpResponse answer =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(text));
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, door.mediaType())
                .set(HttpHeaderNames.CONTENT_LENGTH, text.length)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        ctx.writeAndFlush(answer);
        var unused = ctx.executor().schedule(() -> ctx.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        ctx.read();
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (refused) {
            ReferenceCountUtil.release(message);
            promise.setFailure(new IllegalStateException("The request was refused"));
            return;
        }
        if (message instanceof HttpResponse response
                && response.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
            Held first = unanswered.poll();
            toBroker = first != null && first.isBrokers();
            if (first != null) {
                body = body == first ? null : body;
                budget.give(first);
            }
        }
        int bytes = message instanceof HttpContent part ? part.content().readableBytes() : 0;
        if (bytes == 0 || toBroker) {
            ctx.write(message, promise);
        } else {
            answer(ctx, message, bytes, promise.unvoid());
        }
    }

    private void answer(
            ChannelHandlerContext ctx, Object message, int bytes, ChannelPromise promise) {
        Held held = budget.begin(Lane.ANSWERS, () -> onLoop(ctx, () -> unread(ctx)));
        promise.addListener(taken -> budget.give(held));
        if (budget.came(held, bytes)) {
            ctx.write(message, promise);
        } else {
            ReferenceCountUtil.release(message);
            promise.tryFailure(new IllegalStateException("There is no memory for the answer"));
            unread(ctx);
        }
    }

    private void unread(ChannelHandlerContext ctx) {
        if (ctx.channel().isActive()) {
            budget.warn(
                    "Closing connection {}: answers that clients have not read hold all the memory there is for them (G7)",
                    ctx.channel());
            ctx.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        giveAll();
        behind.forEach(ReferenceCountUtil::release);
        behind.clear();
        ctx.fireChannelInactive();
    }

    private void giveAll() {
        body = null;
        unanswered.forEach(budget::give);
        unanswered.clear();
    }

    private static void onLoop(ChannelHandlerContext ctx, Runnable action) {
        if (ctx.executor().inEventLoop()) {
            action.run();
            return;
        }
        try {
            ctx.executor().execute(action);
        } catch (RejectedExecutionException e) {
            action.run(); // the server stops: nobody listens any more
        }
    }
}
