package io.firn.objectstore;

import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/// Puts the body of an answer into a buffer of the caller's, and answers how many bytes came; those
/// beyond its room are counted and dropped. The SDK's own transformers collect into arrays that
/// grow, several times as much garbage as there are bytes.
final class BufferFiller implements AsyncResponseTransformer<GetObjectResponse, Integer> {
    private final ByteBuffer into;
    private volatile CompletableFuture<Integer> attempt = new CompletableFuture<>();

    BufferFiller(ByteBuffer into) {
        this.into = into.slice();
    }

    /// Begins an attempt: the SDK tries again by itself, and what an earlier attempt still sends
    /// must not get in between.
    @Override
    public synchronized CompletableFuture<Integer> prepare() {
        attempt = new CompletableFuture<>();
        into.clear();
        return attempt;
    }

    @Override
    public void onResponse(GetObjectResponse response) {}

    @Override
    public void onStream(SdkPublisher<ByteBuffer> body) {
        body.subscribe(new Body(attempt));
    }

    @Override
    public void exceptionOccurred(Throwable error) {
        attempt.completeExceptionally(error);
    }

    private final class Body implements Subscriber<ByteBuffer> {
        private final CompletableFuture<Integer> of;
        private int bytes;

        Body(CompletableFuture<Integer> of) {
            this.of = of;
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuffer part) {
            synchronized (BufferFiller.this) {
                bytes += part.remaining();
                if (of == attempt && part.remaining() <= into.remaining()) {
                    into.put(part);
                }
            }
        }

        @Override
        public void onError(Throwable error) {
            of.completeExceptionally(error);
        }

        @Override
        public void onComplete() {
            of.complete(bytes);
        }
    }
}
