package io.firn.controller;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import io.firn.controller.member.ClusterFollower;
import io.firn.controller.member.FollowerConfig;
import io.firn.protocol.preface.Caller;
import io.firn.protocol.preface.Preface;
import io.netty.buffer.ByteBuf;

import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.AlterPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AlterPartitionReassignmentsRequest;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ElectLeadersRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// A controller's port is for members of the cluster (G6): whoever reaches it may delete every
/// topic.
@Timeout(60)
class MembersOnlyTest {
    private static final byte[] KEY = "cluster key of the tests".getBytes();

    @TempDir Path dir;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private ControllerNode controller;

    @BeforeEach
    void start() {
        log.start();
        protocolLog().addAppender(log);
        controller = ControllerNode.start(ControllerConfig.single(100, dir.resolve("c"), KEY));
    }

    @AfterEach
    void stop() {
        controller.close();
        protocolLog().detachAppender(log);
    }

    @Test
    void aClientWithoutTheClustersKeyIsRefusedInWords() throws IOException {
        assertThat(answered(new byte[0])).isFalse();
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .anySatisfy(
                        line ->
                                assertThat(line)
                                        .contains("controller-100")
                                        .contains("only cluster members may connect"));
    }

    @Test
    void aClientWithAnotherClustersKeyIsRefusedInWords() throws IOException {
        assertThat(answered(preface("the key of another cluster".getBytes()))).isFalse();
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .anySatisfy(line -> assertThat(line).contains("need the same cluster key"));
    }

    @Test
    void aMemberIsAnsweredAndFollows() throws IOException {
        assertThat(answered(preface(KEY))).isTrue();
        // Its raft connections and its question for the cluster's id prove the key as well.
        try (ClusterFollower follower =
                ClusterFollower.start(
                        new FollowerConfig(
                                1, "", dir.resolve("f"), controller.voters(), KEY, false))) {
            follower.awaitCaughtUp(Duration.ofSeconds(20));
            assertThat(follower.clusterId()).isEqualTo(controller.clusterId());
        }
    }

    /// Replicas do not move yet, and an error would name each of a body's partitions (G7).
    @ParameterizedTest
    @EnumSource(names = {"ELECT_LEADERS", "ALTER_PARTITION_REASSIGNMENTS"})
    void aMemberThatAsksForWhatIsNotServedIsDisconnected(ApiKeys api) throws IOException {
        AbstractRequest request =
                api == ApiKeys.ELECT_LEADERS
                        ? new ElectLeadersRequest.Builder(
                                        ElectionType.PREFERRED,
                                        List.of(new TopicPartition("orders", 0)),
                                        1000)
                                .build()
                        : new AlterPartitionReassignmentsRequest.Builder(
                                        new AlterPartitionReassignmentsRequestData())
                                .build();
        assertThat(answered(preface(KEY), request)).isFalse();
        assertThat(answered(preface(KEY))).isTrue();
    }

    /// Whether an ApiVersions request is answered on a connection that begins with these bytes.
    private boolean answered(byte[] before) throws IOException {
        return answered(
                before,
                new ApiVersionsRequest(
                        new ApiVersionsRequestData()
                                .setClientSoftwareName("test")
                                .setClientSoftwareVersion("1"),
                        (short) 3));
    }

    private boolean answered(byte[] before, AbstractRequest request) throws IOException {
        var header = new RequestHeader(request.apiKey(), request.version(), "test", 7);
        ByteBuffer body =
                RequestUtils.serialize(
                        header.data(), header.headerVersion(), request.data(), request.version());
        try (Socket socket = new Socket("127.0.0.1", controller.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(before);
            ByteBuffer frame = ByteBuffer.allocate(4 + body.remaining());
            socket.getOutputStream().write(frame.putInt(body.remaining()).put(body).array());
            return anyByte(socket.getInputStream());
        }
    }

    private static boolean anyByte(InputStream in) {
        try {
            return in.read() >= 0;
        } catch (IOException reset) {
            return false;
        }
    }

    private static byte[] preface(byte[] key) {
        ByteBuf bytes =
                new Preface(
                                new Caller("cluster", "User:member", "", "CONTROLLER"),
                                System.currentTimeMillis(),
                                1)
                        .encode(key);
        byte[] copy = new byte[bytes.readableBytes()];
        bytes.readBytes(copy).release();
        return copy;
    }

    private static Logger protocolLog() {
        return (Logger) LoggerFactory.getLogger("io.firn.protocol");
    }
}
