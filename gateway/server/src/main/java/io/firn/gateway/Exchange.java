package io.firn.gateway;

import io.firn.protocol.InboundRequest;
import io.netty.buffer.ByteBuf;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestHeader;

import java.util.concurrent.CompletableFuture;

/// One request to a broker and what becomes of it.
sealed interface Exchange {
    int correlationId();

    boolean hasResponse();

    /// The frame to write, with its size in front; belongs to the caller.
    ByteBuf frame();

    /// The frame has been written, or the connection broke.
    void written(boolean successful);

    /// Nothing was sent and nothing will be.
    void notSent();

    /// The connection broke after something was sent: the outcome is unknown.
    void lost();

    /// A client's frame; the response's bytes go to the client as they come.
    record PassThrough(InboundRequest request, boolean hasResponse, ApiException whenAway)
            implements Exchange {
        @Override
        public int correlationId() {
            return request.header().correlationId();
        }

        @Override
        public ByteBuf frame() {
            return request.frame().retainedDuplicate();
        }

        @Override
        public void written(boolean successful) {
            request.releaseFrame();
            if (successful && !hasResponse) {
                request.answerNothing();
            }
        }

        @Override
        public void notSent() {
            if (hasResponse) {
                request.fail(whenAway);
            } else {
                lost(); // with acks=0 a client can only hear of it this way
            }
        }

        @Override
        public void lost() {
            request.connection().close();
        }
    }

    /// The gateway's own question; the response is collected and parsed.
    ///
    /// @param bytes owned
    record Call(
            RequestHeader header,
            ByteBuf bytes,
            CompletableFuture<AbstractResponse> answer,
            ApiException whenAway)
            implements Exchange {
        @Override
        public int correlationId() {
            return header.correlationId();
        }

        @Override
        public boolean hasResponse() {
            return true;
        }

        @Override
        public ByteBuf frame() {
            return bytes;
        }

        @Override
        public void written(boolean successful) {}

        @Override
        public void notSent() {
            bytes.release();
            answer.completeExceptionally(whenAway);
        }

        @Override
        public void lost() {
            answer.completeExceptionally(
                    new DisconnectException("The broker went away before it answered"));
        }
    }
}
