package io.firn.protocol.connection;

import io.firn.protocol.RateLimitedLog;
import io.firn.protocol.TenantNames;
import io.firn.protocol.frame.ByteBudget;
import io.firn.protocol.frame.Frame;
import io.firn.protocol.preface.Caller;
import io.firn.protocol.response.ErrorAnswer;
import io.firn.protocol.response.ResponseBytes;
import io.netty.buffer.ByteBuf;

import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.network.ByteBufferSend;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// One request, answered exactly once and from any thread; answers leave in the order of the
/// requests (G1). Its frame lives until it is answered or its connection has closed, and records in
/// the body alias the frame: whoever hands them on holds it ([#holdFrame]).
public final class InboundRequest {
    private static final Logger LOG = LoggerFactory.getLogger(InboundRequest.class);
    private static final RateLimitedLog LIMITED =
            new RateLimitedLog(LOG); // what peers cause as often as they like
    private static final Runnable NOTHING = () -> {};
    private static final int SIZE_BYTES = 4;

    private final RequestHeader header;
    private final int bodyPosition;
    private final Frame frame;
    private final Caller caller;
    private final ConnectionHandler connection;
    private final RequestContext context;
    private final long receivedNanos;
    private final AtomicBoolean answered = new AtomicBoolean();
    private @Nullable AbstractRequest body;
    private volatile boolean large;

    /// Its place in the order of answers; set and used by the queue.
    ResponseQueue.@Nullable Slot slot;

    /// Takes ownership of `frame`, unless it throws.
    InboundRequest(Frame frame, Caller caller, InetAddress peer, ConnectionHandler connection) {
        ByteBuffer nio = frame.bytes().nioBuffer(SIZE_BYTES, frame.size() - SIZE_BYTES);
        this.header = RequestHeader.parse(nio);
        this.bodyPosition = nio.position();
        this.frame = frame;
        this.caller = caller;
        this.connection = connection;
        this.receivedNanos = System.nanoTime();
        this.context =
                new RequestContext(
                        header,
                        connection.id(),
                        peer,
                        KafkaPrincipal.ANONYMOUS,
                        new ListenerName(caller.listener()),
                        SecurityProtocol.PLAINTEXT,
                        ClientInformation.EMPTY,
                        false);
    }

    public RequestHeader header() {
        return header;
    }

    /// The parsed request; not to be asked for after the frame has been released.
    ///
    /// @throws InvalidRequestException if the bytes are not a request; nothing can answer them, so
    ///     the connection is to be closed, as [#fail] does
    public synchronized AbstractRequest body() {
        if (body == null) {
            if (!holdFrame()) {
                throw new InvalidRequestException(
                        "Cannot read the request: its connection has closed");
            }
            try {
                body = parse(bodyBuffer());
            } finally {
                letGoOfFrame();
            }
        }
        return body;
    }

    private AbstractRequest parse(ByteBuffer nio) {
        if (!header.isApiVersionSupported()) { // of ApiVersions: answered without a look at it
            return context.parseRequest(nio).request;
        }
        try {
            var readable = new ByteBufferAccessor(nio);
            return AbstractRequest.parseRequest(header.apiKey(), header.apiVersion(), readable)
                    .request;
        } catch (RuntimeException e) {
            throw new InvalidRequestException(
                    "Cannot read %s version %d: %s"
                            .formatted(header.apiKey().name, header.apiVersion(), e.getMessage()),
                    e);
        }
    }

    int bodyBytes() {
        return frame.size() - bodyPosition();
    }

    /// The bytes of the body, at their position; aliases the frame.
    ByteBuffer bodyBuffer() {
        return frame.bytes().nioBuffer(bodyPosition(), bodyBytes());
    }

    /// Its body holds so much of the budget as well, which `who` has taken.
    void chargeBody(int heapBytes, ByteBudget.Claimant who) {
        frame.chargeBody(heapBytes, who);
    }

    /// It is large: what is made of it is not made on the event loop.
    void leavesLoop() {
        large = true;
    }

    /// Runs `work`, which answers this request and does nothing else, where it may take longer than
    /// an event loop has time for; the connection is not read meanwhile. Nothing runs for a
    /// connection that has been closed. For handlers, while they handle the request.
    public void offLoop(Runnable work) {
        connection.requests().leaveLoop(this, work);
    }

    /// Runs `step` where [#offLoop] does, again and again until it says that it was the last one;
    /// between two steps, which may take some 100 ms each, others have their turn.
    public void inTurns(BooleanSupplier step) {
        connection.requests().inTurns(this, step);
    }

    public boolean isOnLoop() {
        return connection.eventLoop().inEventLoop();
    }

    /// Runs `work` on the connection's event loop, at once if this is it.
    public void onLoop(Runnable work) {
        if (connection.eventLoop().inEventLoop()) {
            work.run();
        } else {
            connection.eventLoop().execute(work);
        }
    }

    public Caller caller() {
        return caller;
    }

    public Connection connection() {
        return connection;
    }

    public ClientChannel channel() {
        return connection;
    }

    public TenantNames names() {
        return connection.names();
    }

    /// The whole frame as it came, with its size in front. Borrowed: retain it to keep it.
    public ByteBuf frame() {
        return frame.bytes();
    }

    /// Where the body begins in [#frame()], behind the size and the header.
    public int bodyPosition() {
        return SIZE_BYTES + bodyPosition;
    }

    /// Keeps the frame, and the records that alias it, until [#letGoOfFrame], also when the
    /// connection closes: its memory is another request's afterwards. From any thread.
    ///
    /// @return false when it is gone, and with it whoever waits for an answer
    public boolean holdFrame() {
        return frame.hold();
    }

    public void letGoOfFrame() {
        frame.letGo();
    }

    /// Gives the frame's memory back before the answer, once its bytes are on their way elsewhere.
    /// The body goes with them.
    public void releaseFrame() {
        synchronized (this) {
            body = null;
        }
        frame.release();
    }

    /// Answers; `response` may carry file records, which are sent from their file in order.
    public void answer(AbstractResponse response) {
        answer(response, NOTHING);
    }

    /// @param afterSent called once when the last byte has been written or never will be, to let go
    ///     of files that the response reads from
    public void answer(AbstractResponse response, Runnable afterSent) {
        if (!answered.compareAndSet(false, true)) {
            LOG.warn("Request {} was answered twice; the second answer is ignored", header);
            afterSent.run();
            return;
        }
        List<Object> early =
                large && !connection.eventLoop().inEventLoop() ? serialised(response) : null;
        connection
                .responses()
                .complete(
                        this,
                        new ResponseQueue.Ready(
                                () -> early == null ? serialised(response) : early,
                                false,
                                afterSent));
    }

    /// Answers with what `answer` gives on one of these threads, where it may wait; what it throws
    /// is the answer too.
    public void answerOn(Executor threads, Supplier<? extends AbstractResponse> answer) {
        threads.execute(
                () -> {
                    try {
                        answer(answer.get());
                    } catch (RuntimeException e) {
                        fail(e);
                    }
                });
    }

    /// Answers with a body that has been serialised, and that other answers may have too.
    public void answerBody(ByteBuffer body) {
        if (answered.compareAndSet(false, true)) {
            connection
                    .responses()
                    .complete(
                            this, new ResponseQueue.Ready(() -> withHeader(body), false, NOTHING));
        }
    }

    private List<Object> withHeader(ByteBuffer body) {
        ResponseHeader response = header.toResponseHeader();
        ByteBuffer head =
                MessageUtil.toByteBufferAccessor(response.data(), response.headerVersion())
                        .buffer();
        ByteBuffer size =
                ByteBuffer.allocate(SIZE_BYTES).putInt(head.remaining() + body.remaining()).flip();
        return ResponseBytes.of(new ByteBufferSend(size, head, body.duplicate()));
    }

    /// Called on the event loop, so that whoever answers many requests at once does not pay for
    /// their bytes.
    private @Nullable List<Object> serialised(AbstractResponse response) {
        try {
            return ResponseBytes.of(context.buildResponseSend(response));
        } catch (RuntimeException e) {
            LOG.error(
                    "Cannot serialise the response to {}; closing connection {}",
                    header,
                    connection.id(),
                    e);
            return null;
        }
    }

    /// For requests without a response (Produce with acks=0): takes its place in the order.
    public void answerNothing() {
        if (answered.compareAndSet(false, true)) {
            connection
                    .responses()
                    .complete(this, new ResponseQueue.Ready(List::of, false, NOTHING));
        }
    }

    /// Takes ownership of `response`: a whole response frame with its size in front, passed on as
    /// it is.
    public void answerFrame(ByteBuf response) {
        if (answered.compareAndSet(false, true)) {
            connection
                    .responses()
                    .complete(
                            this, new ResponseQueue.Ready(() -> List.of(response), true, NOTHING));
        } else {
            response.release();
        }
    }

    /// Answers in parts. Called on the event loop.
    ///
    /// @param onTurn called on the event loop when it is this request's turn, possibly at once
    public StreamedAnswer answerStreamed(Runnable onTurn) {
        if (!answered.compareAndSet(false, true)) {
            throw new IllegalStateException("Request " + header + " was answered before");
        }
        return connection.responses().stream(this, onTurn);
    }

    /// Answers with the error that fits `error`; closes the connection if the API has no way to say
    /// it.
    public void fail(Throwable error) {
        if (answered.get()) {
            LOG.warn("Request {} failed after it was answered", header, error);
            return;
        }
        AbstractResponse response = null;
        try {
            response = ErrorAnswer.of(body(), error);
        } catch (RuntimeException e) {
            if (holdFrame()) { // else its connection has closed, and nobody waits for an answer
                letGoOfFrame();
                LIMITED.warn(
                        "Closing connection {}: cannot answer {} with an error: {}",
                        connection.id(),
                        header,
                        e.toString());
            }
        }
        if (response != null) {
            answer(response);
        } else if (answered.compareAndSet(false, true)) {
            abandon();
        }
    }

    int frameSize() {
        return frame.size();
    }

    long receivedNanos() {
        return receivedNanos;
    }

    private void abandon() {
        frame.release();
        connection.close();
    }
}
