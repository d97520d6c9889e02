package io.firn.gateway.upstream;

import io.firn.protocol.connection.InboundRequest;
import io.firn.protocol.connection.StreamedAnswer;
import io.netty.buffer.ByteBuf;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// One request's way over a connection to a broker, from when the connection has it until whoever
/// asked has been answered or cut off. There is no third end (G11):
///
/// ```
///            sent               begins                 all of it
/// Waiting ---------> Sent ----------------> Answering -----------> Ended: answered
///    |                 | \  written out, and no response comes        ^
///    |                 |  \------------------------------------------/
///    | broken          | broken                | broken
///    v                 v                       v
/// Ended: refused    Ended: cut off          Ended: cut off
/// ```
///
/// *Broken* is whatever keeps the answer away: the broker cannot be reached, a write fails, the
/// connection ends, the answer is malformed or does not come in time, the client has gone. As long
/// as nothing was sent the outcome is certain, and the asker is told; afterwards it is not, and its
/// connection is closed (G2). Used on the client's event loop only.
abstract sealed class Exchange permits Exchange.PassThrough, Exchange.Call {
    /// Where it is. A state has the moves that are legal from it, and only these.
    sealed interface State {
        /// Nothing of it has been written.
        enum Waiting implements State {
            IT;

            Sent sent(long nowNanos) {
                return new Sent(nowNanos);
            }
        }

        /// It has been handed to the connection; the broker may or may not get it.
        ///
        /// @param sinceNanos when that was
        record Sent(long sinceNanos) implements State {
            Answering begins() {
                return Answering.IT;
            }
        }

        /// A part of its answer has come.
        enum Answering implements State {
            IT
        }

        enum Ended implements State {
            ANSWERED,
            REFUSED,
            CUT_OFF
        }
    }

    private final long patienceNanos;
    private State state = State.Waiting.IT;
    private long silentBefore;

    private Exchange(long patienceMs) {
        this.patienceNanos = TimeUnit.MILLISECONDS.toNanos(patienceMs);
    }

    abstract int correlationId();

    abstract boolean hasResponse();

    /// The frame to write, with its size in front; belongs to the caller.
    abstract ByteBuf frame();

    /// The frame's bytes are not needed any more.
    abstract void release();

    /// Tells whoever asked that it was not done.
    abstract void refuse();

    /// Lets whoever asked know that nobody knows.
    abstract void cutOff();

    /// What no response means to whoever asked.
    abstract void answerNothing();

    State state() {
        return state;
    }

    /// How many requests without a response were sent on its connection before it.
    long silentBefore() {
        return silentBefore;
    }

    /// Its frame has been handed over.
    ///
    /// @param silent how many requests without a response were sent on this connection before
    void sent(long nowNanos, long silent) {
        silentBefore = silent;
        state =
                switch (state) {
                    case State.Waiting waiting -> waiting.sent(nowNanos);
                    case State.Sent it -> throw illegal("sent");
                    case State.Answering it -> throw illegal("sent");
                    case State.Ended it -> throw illegal("sent");
                };
    }

    /// Its frame has left for the broker. It may have ended before.
    void written() {
        release();
        if (!hasResponse() && state instanceof State.Sent) {
            state = State.Ended.ANSWERED;
            answerNothing();
        }
    }

    /// Its answer has begun to come.
    void begins() {
        state =
                switch (state) {
                    case State.Sent it -> it.begins();
                    case State.Waiting it -> throw illegal("answered");
                    case State.Answering it -> throw illegal("answered");
                    case State.Ended it -> throw illegal("answered");
                };
    }

    /// All of its answer has been passed on.
    void answered() {
        state =
                switch (state) {
                    case State.Answering it -> State.Ended.ANSWERED;
                    case State.Waiting it -> throw illegal("completed");
                    case State.Sent it -> throw illegal("completed");
                    case State.Ended it -> throw illegal("completed");
                };
    }

    /// Nothing more will come.
    void broken() {
        switch (state) {
            case State.Waiting it -> {
                state = State.Ended.REFUSED;
                refuse();
            }
            case State.Sent it -> {
                state = State.Ended.CUT_OFF;
                cutOff();
            }
            case State.Answering it -> {
                state = State.Ended.CUT_OFF;
                cutOff();
            }
            case State.Ended it -> {}
        }
    }

    /// Whether its answer should have begun by now. An answer that has begun comes as fast as the
    /// connection moves.
    ///
    /// @param movedNanos when the connection moved last
    boolean overdue(long nowNanos, long movedNanos, long timeoutNanos) {
        return switch (state) {
            case State.Sent sent ->
                    nowNanos - Math.max(sent.sinceNanos(), movedNanos)
                            > timeoutNanos + patienceNanos;
            case State.Answering it -> nowNanos - movedNanos > timeoutNanos;
            case State.Waiting it -> false;
            case State.Ended it -> false;
        };
    }

    private IllegalStateException illegal(String move) {
        return new IllegalStateException(
                "An exchange that is %s cannot be %s".formatted(state, move));
    }

    /// A client's frame; the response's bytes go to the client as they come.
    static final class PassThrough extends Exchange {
        private final InboundRequest request;
        private final boolean hasResponse;
        private final ApiException ifUnreachable;

        /// @param patienceMs how long the broker may wait before it answers, as the request says
        /// @param ifUnreachable what to answer when the broker cannot be reached
        PassThrough(
                InboundRequest request,
                boolean hasResponse,
                long patienceMs,
                ApiException ifUnreachable) {
            super(patienceMs);
            this.request = request;
            this.hasResponse = hasResponse;
            this.ifUnreachable = ifUnreachable;
        }

        StreamedAnswer stream(Runnable onTurn) {
            return request.answerStreamed(onTurn);
        }

        @Override
        int correlationId() {
            return request.header().correlationId();
        }

        @Override
        boolean hasResponse() {
            return hasResponse;
        }

        @Override
        ByteBuf frame() {
            return request.frame().retainedDuplicate();
        }

        @Override
        void release() {
            request.releaseFrame();
        }

        @Override
        void refuse() {
            if (hasResponse) {
                request.fail(ifUnreachable);
            } else {
                cutOff(); // with acks=0 a client can only hear of it this way
            }
        }

        @Override
        void cutOff() {
            request.connection().close();
        }

        @Override
        void answerNothing() {
            request.answerNothing();
        }
    }

    /// The gateway's own question; the response is collected and parsed.
    static final class Call extends Exchange {
        private final RequestHeader header;
        private final ByteBuf bytes;
        private final CompletableFuture<AbstractResponse> answer = new CompletableFuture<>();
        private final ApiException ifUnreachable;

        /// Takes ownership of `bytes`.
        Call(RequestHeader header, ByteBuf bytes, long patienceMs, ApiException ifUnreachable) {
            super(patienceMs);
            this.header = header;
            this.bytes = bytes;
            this.ifUnreachable = ifUnreachable;
        }

        RequestHeader header() {
            return header;
        }

        /// Fails with `ifUnreachable` if it was not sent, with a [DisconnectException] if nobody
        /// knows.
        CompletableFuture<AbstractResponse> answer() {
            return answer;
        }

        @Override
        int correlationId() {
            return header.correlationId();
        }

        @Override
        boolean hasResponse() {
            return true;
        }

        @Override
        ByteBuf frame() {
            return bytes;
        }

        @Override
        void release() {}

        @Override
        void refuse() {
            bytes.release();
            answer.completeExceptionally(ifUnreachable);
        }

        @Override
        void cutOff() {
            answer.completeExceptionally(
                    new DisconnectException("The broker went away before it answered"));
        }

        @Override
        void answerNothing() {
            throw new IllegalStateException("Every question of a gateway has an answer");
        }
    }
}
