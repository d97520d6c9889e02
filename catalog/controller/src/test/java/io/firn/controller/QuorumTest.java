package io.firn.controller;

import static org.assertj.core.api.Assertions.assertThat;

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
        keep(BrokerSession.start(
                        SessionConfig.of(1, clusterId, "127.0.0.1", 19092, Uuid.randomUuid(), -1),
                        client,
                        follower))
                .awaitUnfenced(SOON);
        create(client, "public.before");

        int leader = follower.leader().orElseThrow();
        controllers.remove(leader).close();
        create(client, "public.after");

        follower.await(
                i -> i.topic("public.before").isPresent() && i.topic("public.after").isPresent(),
                SOON);
        assertThat(follower.leader().orElseThrow()).isNotEqualTo(leader);
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
