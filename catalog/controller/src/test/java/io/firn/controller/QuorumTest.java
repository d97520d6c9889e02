package io.firn.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.controller.member.BrokerSession;
import io.firn.controller.member.ClusterFollower;
import io.firn.controller.member.ControllerClient;
import io.firn.controller.member.FollowerConfig;
import io.firn.controller.member.SessionConfig;
import io.firn.controller.raft.Freshness;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Three controllers in one process.
class QuorumTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private static final byte[] KEY = "cluster key of the tests".getBytes();

    @TempDir Path dir;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final Map<Integer, ControllerNode> controllers = new HashMap<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
        // Together: the last one alone would wait for a majority to resign to.
        controllers.values().parallelStream().forEach(ControllerNode::close);
    }

    @Test
    void changesGoOnWhenTheLeadingControllerStops() throws Exception {
        Map<Integer, InetSocketAddress> voters = new HashMap<>();
        for (int id = 100; id < 103; id++) {
            voters.put(id, new InetSocketAddress("127.0.0.1", freePort()));
        }
        String clusterId = Uuid.randomUuid().toString();
        voters.forEach(
                (id, address) ->
                        controllers.put(
                                id,
                                ControllerNode.start(
                                        new ControllerConfig(
                                                id,
                                                clusterId,
                                                dir.resolve("c" + id),
                                                "127.0.0.1",
                                                address.getPort(),
                                                voters,
                                                KEY))));
        ClusterFollower follower =
                keep(
                        ClusterFollower.start(
                                new FollowerConfig(
                                        1, clusterId, dir.resolve("f"), voters, KEY, false)));
        ControllerClient client = keep(new ControllerClient(() -> voters, KEY));
        follower.awaitCaughtUp(SOON);
        BrokerSession session =
                keep(
                        BrokerSession.start(
                                SessionConfig.of(
                                        1, clusterId, "127.0.0.1", 19092, Uuid.randomUuid(), -1),
                                client,
                                follower));
        session.awaitUnfenced(SOON);
        create(client, "public.before");

        int leader = follower.leader().orElseThrow();
        controllers.remove(leader).close();
        create(client, "public.after");

        follower.await(
                i -> i.topic("public.before").isPresent() && i.topic("public.after").isPresent(),
                SOON);
        int next = follower.leader().orElseThrow();
        assertThat(next).isNotEqualTo(leader);
        sayThatThereIsNoQuorum(controllers.remove(next), follower, session);
    }

    /// D11: an idle cluster is well, and without a majority nobody in it is.
    private void sayThatThereIsNoQuorum(
            ControllerNode last, ClusterFollower follower, BrokerSession session)
            throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(Freshness.IDLE.plusSeconds(1).toMillis());
        assertThat(follower.trouble()).isEmpty();
        assertThat(session.trouble()).isEmpty();
        ControllerNode other = controllers.values().iterator().next();
        assertThat(other.trouble()).isEmpty();
        assertThat(figure(last, "firn.controller.active")).isOne();
        assertThat(figure(other, "firn.controller.active")).isZero();
        assertThat(figure(other, "firn.controller.brokers.active")).isOne();
        assertThat(figure(other, "firn.controller.topics")).isEqualTo(2);
        assertThat(figure(other, "firn.controller.last.applied.offset")).isPositive();

        last.close();
        long deadline = System.nanoTime() + SOON.toNanos();
        while (System.nanoTime() < deadline
                && (other.trouble().isEmpty()
                        || follower.trouble().isEmpty()
                        || session.trouble().isEmpty())) {
            Thread.sleep(100);
        }
        assertThat(other.trouble()).isPresent();
        assertThat(follower.trouble())
                .hasValueSatisfying(why -> assertThat(why).contains("no metadata has come"));
        assertThat(session.trouble())
                .hasValueSatisfying(why -> assertThat(why).contains("heartbeat"));
    }

    private static double figure(ControllerNode controller, String name) {
        return controller.gauges().stream()
                .filter(gauge -> gauge.name().equals(name))
                .findFirst()
                .orElseThrow()
                .value()
                .getAsDouble();
    }

    private static void create(ControllerClient client, String name) throws Exception {
        CreateTopicsRequestData data = new CreateTopicsRequestData().setTimeoutMs(10_000);
        data.topics()
                .add(
                        new CreatableTopic()
                                .setName(name)
                                .setNumPartitions(1)
                                .setReplicationFactor((short) 1));
        CreateTopicsResponse response =
                (CreateTopicsResponse)
                        client.send(new CreateTopicsRequest.Builder(data))
                                .get(40, TimeUnit.SECONDS);
        assertThat(Errors.forCode(response.data().topics().find(name).errorCode()))
                .isEqualTo(Errors.NONE);
    }

    private <T extends AutoCloseable> T keep(T one) {
        open.add(one);
        return one;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
