package io.firn.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.gateway.GatewayConfig;
import io.firn.gateway.GatewayNode;
import io.firn.protocol.SupportedApi;
import io.firn.protocol.body.HostileBody;
import io.firn.protocol.body.HostileBody.Shape;
import io.firn.protocol.preface.Caller;
import io.firn.protocol.preface.Preface;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;

import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// One request may cost an event loop 50 ms of processor time at most, whatever is in its body
/// (G12). Bodies are made by Kafka's schema of every API and version that is served, so an API that
/// is added is tried by itself. Time is the loops' own: how busy the machine is does not matter.
@Timeout(900)
class HostileBodiesTest {
    private static final long MOST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int ATTEMPTS = 8; // the first ones are not compiled yet
    private static final int[] SIZES = {63 * 1024, 1024 * 1024};

    @TempDir Path dir;

    @Test
    void noBodyOfAnyApiTakesAnEventLoopLong() throws Exception { // B1, G12
        try (TestCluster cluster = new TestCluster(dir)) {
            assertNoneIsSlow(clientApis(), new LoopTime(cluster.listener.port(), new byte[0]));
        }
    }

    @Test
    void noBodyTakesAGatewaysLoopsLongOrThoseOfTheBrokerBehindIt() throws Exception { // B1, G12
        try (TestCluster cluster = new TestCluster(dir);
                GatewayNode gateway =
                        GatewayNode.start(
                                GatewayConfig.of(
                                        "127.0.0.1", 0, TestCluster.KEY, new SimpleMeterRegistry()),
                                cluster.follower,
                                cluster.client::send)) {
            assertNoneIsSlow(clientApis(), new LoopTime(gateway.port(), new byte[0]));
        }
    }

    @Test
    void noBodyOfAMemberTakesAControllersLoopLong() throws Exception { // B1, G12
        try (TestCluster cluster = new TestCluster(dir)) {
            assertNoneIsSlow(
                    Arrays.stream(ApiKeys.values()).filter(HostileBodiesTest::exists).toList(),
                    new LoopTime(cluster.controller.port(), memberPreface()));
        }
    }

    private static boolean exists(ApiKeys api) {
        return api.hasValidVersion();
    }

    /// What is served, and what is refused of which there is more to make than an error.
    private static List<ApiKeys> clientApis() {
        return Stream.concat(
                        Arrays.stream(SupportedApi.values()).map(SupportedApi::key),
                        Stream.of(ApiKeys.ADD_PARTITIONS_TO_TXN))
                .toList();
    }

    private static void assertNoneIsSlow(List<ApiKeys> apis, LoopTime time) throws IOException {
        List<String> slow = new ArrayList<>();
        int tried = 0;
        for (ApiKeys api : apis) {
            for (short v = api.oldestVersion(); v <= api.latestVersion(true); v++) {
                for (Shape shape : shapes(api, v)) {
                    for (int bytes : SIZES) {
                        ByteBuffer body = HostileBody.of(api, v, shape, bytes);
                        long nanos = time.leastNanos(api, v, body, ATTEMPTS, MOST_NANOS);
                        tried++;
                        if (nanos > MOST_NANOS) {
                            slow.add(
                                    "%s %d %s of %d bytes: %d ms"
                                            .formatted(
                                                    api,
                                                    v,
                                                    shape,
                                                    body.remaining(),
                                                    TimeUnit.NANOSECONDS.toMillis(nanos)));
                        }
                    }
                }
            }
        }
        assertThat(slow).as("slow of %d", tried).isEmpty();
        assertThat(tried).isGreaterThanOrEqualTo(apis.size() * SIZES.length);
    }

    /// All of them in the oldest and the newest version, and some in each between, other ones in
    /// the next; `-Dfirn.hostile=all` tries all in every version, twice as
    /// long.
    private static List<Shape> shapes(ApiKeys api, short version) {
        if (version == api.oldestVersion()
                || version == api.latestVersion(true)
                || System.getProperty("firn.hostile", "").equals("all")) {
            return List.of(Shape.values());
        }
        return Arrays.stream(Shape.values())
                .filter(shape -> shape.ordinal() % 3 == version % 3)
                .toList();
    }

    private static byte[] memberPreface() {
        ByteBuf bytes =
                new Preface(
                                new Caller("cluster", "User:member", "", "CONTROLLER"),
                                System.currentTimeMillis(),
                                1)
                        .encode(TestCluster.KEY);
        byte[] copy = new byte[bytes.readableBytes()];
        bytes.readBytes(copy).release();
        return copy;
    }
}
