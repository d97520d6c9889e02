package io.firn.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;

import software.amazon.awssdk.core.async.SdkPublisher;
import software.amazon.awssdk.utils.async.SimplePublisher;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

class BufferFillerTest {
    private final byte[] bytes = "--------".getBytes(UTF_8);
    private final BufferFiller filler = new BufferFiller(ByteBuffer.wrap(bytes, 2, 4));

    /// A body that the filler is subscribed to.
    private SimplePublisher<ByteBuffer> body() {
        var body = new SimplePublisher<ByteBuffer>();
        filler.onStream(SdkPublisher.adapt(body));
        return body;
    }

    private CompletableFuture<Integer> filled(String... parts) {
        var done = filler.prepare();
        var body = body();
        for (String part : parts) {
            body.send(part(part));
        }
        body.complete();
        return done;
    }

    private static ByteBuffer part(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private String content() {
        return new String(bytes, UTF_8);
    }

    @Test
    void partsComeOneAfterAnother() {
        assertThat(filled("ab", "cd")).isCompletedWithValue(4);
        assertThat(content()).isEqualTo("--abcd--");
    }

    @Test
    void anEarlierAttemptDoesNotWriteIntoTheNext() {
        var first = filler.prepare();
        var late = body();
        late.send(part("xx"));
        filler.exceptionOccurred(new IllegalStateException("reset"));
        assertThat(first).isCompletedExceptionally();

        var second = filler.prepare();
        var body = body();
        body.send(part("ab"));
        late.send(part("yy"));
        body.send(part("cd"));
        late.complete();
        body.complete();
        assertThat(second).isCompletedWithValue(4);
        assertThat(content()).isEqualTo("--abcd--");
    }

    @Test
    void whatDoesNotFitIsCountedAndDropped() {
        assertThat(filled("ab", "too much")).isCompletedWithValue(10);
        assertThat(content()).isEqualTo("--ab----");
    }
}
