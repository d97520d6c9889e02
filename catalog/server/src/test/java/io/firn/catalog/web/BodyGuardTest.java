package io.firn.catalog.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.catalog.web.BodyBudget.Lane;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

class BodyGuardTest {
    private static final String ICEBERG = "/iceberg/v1/namespaces/public/tables";
    private static final String INTERNAL = "/internal/v1/segments/1";
    private static final int MIB = 1 << 20;

    private long nanos;
    private final BodyBudget budget = new BodyBudget(() -> nanos);

    private EmbeddedChannel connection() {
        return new EmbeddedChannel(
                new BodyGuard(budget, it -> "token".equals(it.headers().get("Authorization"))));
    }

    private static HttpRequest post(String path) {
        return new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, path);
    }

    private EmbeddedChannel half(String path, int bytes) {
        EmbeddedChannel one = connection();
        one.writeInbound(
                post(path), new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[bytes])));
        ReferenceCountUtil.release(one.readInbound());
        return one;
    }

    private static void end(EmbeddedChannel one) {
        one.writeInbound(new DefaultLastHttpContent());
    }

    private static boolean isWhole(EmbeddedChannel one) {
        one.runPendingTasks();
        boolean whole = false;
        for (Object next = one.readInbound(); next != null; next = one.readInbound()) {
            whole |= next instanceof LastHttpContent;
            ReferenceCountUtil.release(next);
        }
        return whole;
    }

    private static int status(EmbeddedChannel one) {
        one.runPendingTasks();
        FullHttpResponse answer = one.readOutbound();
        return answer == null ? 0 : answer.status().code();
    }

    private void pass(long seconds) {
        nanos += TimeUnit.SECONDS.toNanos(seconds);
    }

    @ParameterizedTest
    @CsvSource({
        "/registry/subjects/s/versions, 1048577, '\"error_code\":413'",
        "/iceberg/v1/namespaces, 16777217, '\"code\":413'",
        "/internal/v1/segments/1, 16777217, '\"code\":\"refused\"'",
        "/v1/topics, 1048577, '\"status\":413'"
    })
    void aBodyThatIsTooLargeIsAnsweredInItsDoorsWordsBeforeItComes( // G7
            String path, int bytes, String words) {
        EmbeddedChannel announced = connection();
        HttpRequest request = post(path);
        request.headers().set("Content-Length", bytes);
        announced.writeInbound(request);
        FullHttpResponse answer = announced.readOutbound();
        assertThat(answer.status().code()).isEqualTo(413);
        assertThat(answer.content().toString(StandardCharsets.UTF_8)).contains(words, "too large");
        assertThat((Object) announced.readInbound()).isNull();

        EmbeddedChannel chunked = half(path, bytes);
        assertThat(status(chunked)).isEqualTo(413);
        end(chunked);
        assertThat(chunked.isOpen()).isFalse();
        assertThat(budget.usedBytes(Lane.CLIENTS)).isZero();
    }

    @Test
    void whoStopsHalfWayGoesWhenOthersNeedItsMemory() { // G7
        List<EmbeddedChannel> halves = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            halves.add(half(ICEBERG, 10 * MIB));
        }
        pass(2);
        EmbeddedChannel next = half(ICEBERG, 10 * MIB);
        end(next);
        assertThat(isWhole(next)).isTrue();
        assertThat(halves.stream().map(BodyGuardTest::status).toList()).containsOnlyOnce(408);
        assertThat(budget.usedBytes(Lane.CLIENTS)).isEqualTo(60L * MIB);
    }

    @Test
    void clientsThatHoldAllTheirMemoryLeaveThatOfBrokers() { // G7
        for (int i = 0; i < 4; i++) {
            half(ICEBERG, 16 * MIB);
        }
        assertThat(status(half(ICEBERG, 1))).isEqualTo(503);
        assertThat(status(half(INTERNAL, 1))).isEqualTo(503); // shows no token
        EmbeddedChannel broker = connection();
        HttpRequest request = post(INTERNAL);
        request.headers().set("Authorization", "token");
        broker.writeInbound(request, new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[MIB])));
        end(broker);
        assertThat(isWhole(broker)).isTrue();
        EmbeddedChannel reads = connection();
        reads.writeInbound(
                new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, ICEBERG),
                LastHttpContent.EMPTY_LAST_CONTENT);
        assertThat(isWhole(reads)).isTrue();
    }

    @Test
    void aBodyThatStopsIsAnsweredThatItTookTooLong() { // G7
        EmbeddedChannel half = half(ICEBERG, MIB);
        pass(11);
        half.advanceTimeBy(6, TimeUnit.SECONDS);
        half.runScheduledPendingTasks();
        assertThat(status(half)).isEqualTo(408);
        assertThat(budget.usedBytes(Lane.CLIENTS)).isZero();
        half.advanceTimeBy(3, TimeUnit.SECONDS);
        half.runScheduledPendingTasks();
        assertThat(half.isOpen()).isFalse();
    }

    @Test
    void aBodyThatTricklesHasAnEnd() { // G7
        EmbeddedChannel half = half(ICEBERG, 1000);
        for (int i = 0; i < 20 && half.outboundMessages().isEmpty(); i++) {
            pass(3);
            half.writeInbound(new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[1])));
            half.advanceTimeBy(3, TimeUnit.SECONDS);
            half.runScheduledPendingTasks();
        }
        assertThat(status(half)).isEqualTo(408);
    }

    @Test
    void largeBodiesAreWorkedOnTwoAtATime() { // G12
        List<EmbeddedChannel> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            EmbeddedChannel one = half(ICEBERG, 100_000);
            end(one);
            all.add(one);
        }
        assertThat(all.stream().map(BodyGuardTest::isWhole).toList())
                .containsExactly(true, true, false, false);
        EmbeddedChannel small = half(ICEBERG, 1000);
        end(small);
        assertThat(isWhole(small)).isTrue();
        all.get(0)
                .writeOutbound(
                        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
        all.get(1).close();
        assertThat(isWhole(all.get(2))).isTrue();
        assertThat(isWhole(all.get(3))).isTrue();
    }

    @Test
    void whatIsAnsweredHoldsNothing() {
        EmbeddedChannel one = half(ICEBERG, 100_000);
        end(one);
        assertThat(budget.usedBytes(Lane.CLIENTS)).isEqualTo(100_000);
        one.writeOutbound(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
        assertThat(budget.usedBytes(Lane.CLIENTS)).isZero();
    }

    @Test
    void answersThatNobodyReadsHaveABound() { // G7
        List<EmbeddedChannel> unread = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            unread.add(answered(ICEBERG, 8 * MIB));
        }
        EmbeddedChannel early = answered(ICEBERG, 8 * MIB);
        assertThat(early.isOpen()).as("all the others move").isFalse();
        pass(2);
        EmbeddedChannel late = answered(ICEBERG, 8 * MIB);
        assertThat(late.isOpen()).isTrue();
        unread.forEach(EmbeddedChannel::runPendingTasks);
        assertThat(unread.stream().filter(it -> !it.isOpen())).hasSize(1);
        assertThat(budget.usedBytes(Lane.ANSWERS)).isEqualTo(64L * MIB);

        EmbeddedChannel broker = answered(INTERNAL, 8 * MIB, "token");
        assertThat(broker.isOpen()).isTrue();

        late.flush();
        assertThat(budget.usedBytes(Lane.ANSWERS)).isEqualTo(56L * MIB);
        unread.forEach(EmbeddedChannel::close);
        assertThat(budget.usedBytes(Lane.ANSWERS)).isZero();
    }

    @Test
    void anAnswerThatIsLargerThanAllThereIsForThemLeavesAlone() {
        EmbeddedChannel large = answered(ICEBERG, 80 * MIB);
        assertThat(large.isOpen()).isTrue();
        assertThat(answered(ICEBERG, 1).isOpen()).isFalse();
        large.flush();
        assertThat(answered(ICEBERG, 1).isOpen()).isTrue();
    }

    /// A connection whose client does not read its answer.
    private EmbeddedChannel answered(String path, int bytes, String... token) {
        EmbeddedChannel one = connection();
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path);
        for (String shown : token) {
            request.headers().set("Authorization", shown);
        }
        one.writeInbound(request, LastHttpContent.EMPTY_LAST_CONTENT);
        one.write(
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1,
                        HttpResponseStatus.OK,
                        Unpooled.wrappedBuffer(new byte[bytes])));
        one.runPendingTasks();
        return one;
    }
}
