package io.firn.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

import software.amazon.awssdk.core.async.SdkPublisher;

import java.nio.ByteBuffer;

class BufferFillerTest {
    private final byte[] bytes = "--------".getBytes(UTF_8);
    private final BufferFiller filler = new BufferFiller(ByteBuffer.wrap(bytes, 2, 4));

    /// Subscribes the filler to a body that the test sends.
    private Subscriber<? super ByteBuffer> body() {
        var sent = new Object[1];
        filler.onStream(
                SdkPublisher.adapt(
                        subscriber -> {
                            subscriber.onSubscribe(
                                    new Subscription() {
                                        @Override
                                        public void request(long n) {}

                                        @Override
                                        public void cancel() {}
                                    });
                            sent[0] = subscriber;
                        }));
        @SuppressWarnings("unchecked")
        var subscriber = (Subscriber<? super ByteBuffer>) sent[0];
        return subscriber;
    }

    private static ByteBuffer part(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private String content() {
        return new String(bytes, UTF_8);
    }

    @Test
    void partsComeOneAfterAnother() {
        var done = filler.prepare();
        var body = body();
        body.onNext(part("ab"));
        body.onNext(part("cd"));
        body.onComplete();
        assertThat(done).isCompletedWithValue(4);
        assertThat(content()).isEqualTo("--abcd--");
    }

    @Test
    void anEarlierAttemptDoesNotWriteIntoTheNext() {
        var first = filler.prepare();
        var late = body();
        late.onNext(part("xx"));
        filler.exceptionOccurred(new IllegalStateException("reset"));
        assertThat(first).isCompletedExceptionally();

        var second = filler.prepare();
        var body = body();
        body.onNext(part("ab"));
        late.onNext(part("yy"));
        body.onNext(part("cd"));
        late.onComplete();
        body.onComplete();
        assertThat(second).isCompletedWithValue(4);
        assertThat(content()).isEqualTo("--abcd--");
    }

    @Test
    void whatDoesNotFitIsCountedAndDropped() {
        var done = filler.prepare();
        var body = body();
        body.onNext(part("ab"));
        body.onNext(part("too much"));
        body.onComplete();
        assertThat(done).isCompletedWithValue(10);
        assertThat(content()).isEqualTo("--ab----");
    }
}
