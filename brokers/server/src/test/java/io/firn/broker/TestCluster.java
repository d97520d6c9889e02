package io.firn.broker;

import io.firn.broker.cold.Tables;
import io.firn.controller.ControllerConfig;
import io.firn.controller.ControllerNode;
import io.firn.controller.member.ClusterFollower;
import io.firn.controller.member.ControllerClient;
import io.firn.controller.member.FollowerConfig;
import io.firn.gateway.DirectListener;
import io.firn.gateway.GatewayConfig;
import io.firn.log.Durability;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// One controller and one broker in this process, and a port for clients.
public final class TestCluster implements AutoCloseable {
    static final byte[] KEY = "a key that only this test knows!".getBytes();
    /// `num.partitions` of its broker.
    static final int DEFAULT_PARTITIONS = 3;

    private static final int BROKER = 1;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path dir;
    private final Optional<Tables> tables;
    private final UnaryOperator<BrokerConfig> how;
    final ControllerNode controller;
    public final ClusterFollower follower;
    public final ControllerClient client;
    public BrokerNode broker;
    public DirectListener listener;

    public TestCluster(Path dir) {
        this(dir, Optional.empty());
    }

    public TestCluster(Path dir, Optional<Tables> tables) {
        this(dir, "", tables, UnaryOperator.identity());
    }

    /// @param clusterId empty: the one in the folder, or a new one
    TestCluster(
            Path dir, String clusterId, Optional<Tables> tables, UnaryOperator<BrokerConfig> how) {
        this.dir = dir;
        this.tables = tables;
        this.how = how;
        this.controller =
                ControllerNode.start(
                        new ControllerConfig(
                                3000,
                                clusterId,
                                dir.resolve("raft"),
                                "127.0.0.1",
                                0,
                                Map.of(),
                                KEY));
        this.follower =
                ClusterFollower.start(
                        new FollowerConfig(
                                BROKER,
                                controller.clusterId(),
                                dir.resolve("image"),
                                controller.voters(),
                                KEY,
                                true));
        this.client = new ControllerClient(controller::voters, KEY);
        follower.awaitCaughtUp(PATIENCE);
        startBroker();
    }

    void startBroker() {
        BrokerConfig config =
                BrokerConfig.of(BROKER, dir.resolve("log"), KEY, follower, client)
                        .withDurability(Durability.STRICT, 16 << 20)
                        .withSettings(Map.of("num.partitions", String.valueOf(DEFAULT_PARTITIONS)));
        broker = BrokerNode.start(how.apply(tables.map(config::withTables).orElse(config)));
        broker.awaitReady(PATIENCE);
        listener = DirectListener.start(listens(), follower, client::send, broker.handler());
    }

    private static GatewayConfig listens() {
        return new GatewayConfig(
                "127.0.0.1",
                0,
                "127.0.0.1",
                0,
                KEY,
                "public",
                false,
                1,
                new SimpleMeterRegistry(),
                GatewayConfig.Limits.DEFAULT);
    }

    void stopBroker() {
        listener.close();
        broker.close();
    }

    String address() {
        return "127.0.0.1:" + listener.port();
    }

    public Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", address()));
    }

    public KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> all = new HashMap<>(more);
        all.put("bootstrap.servers", address());
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> more) {
        Map<String, Object> all = new HashMap<>();
        all.put("auto.offset.reset", "earliest");
        all.put("enable.auto.commit", false);
        all.putAll(more);
        all.put("bootstrap.servers", address());
        return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public void close() {
        stopBroker();
        client.close();
        follower.close();
        controller.close();
    }
}
