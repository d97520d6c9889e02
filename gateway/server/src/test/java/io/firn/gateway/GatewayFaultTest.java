package io.firn.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.controller.FakeCluster;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.requests.ListTransactionsRequest;
import org.apache.kafka.common.requests.ListTransactionsResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Clients and brokers that do not behave.
@Timeout(30)
class GatewayFaultTest {
    private static final int RESPONSE_BYTES = 4 * 1024 * 1024;

    private final FakeCluster cluster = new FakeCluster();
    private FakeBroker broker;
    private GatewayNode gateway;

    @BeforeEach
    void start() {
        broker = new FakeBroker(cluster, 5);
        gateway =
                GatewayNode.start(
                        GatewayConfig.of("127.0.0.1", 0, FakeBroker.KEY, new SimpleMeterRegistry()),
                        cluster,
                        cluster::send);
    }

    @AfterEach
    void stop() {
        gateway.close();
        broker.close();
    }

    @Test
    void aClientThatDoesNotReadStopsItsBrokerConnectionAndNobodyElse() throws Exception { // G7
        AtomicInteger sentWhole = new AtomicInteger();
        MemoryRecords records =
                MemoryRecords.withRecords(
                        Compression.NONE, new SimpleRecord(new byte[RESPONSE_BYTES]));
        broker.intercept =
                request -> {
                    if (!(request.body() instanceof FetchRequest)) {
                        return false;
                    }
                    request.answer(fetched(records), sentWhole::incrementAndGet);
                    return true;
                };
        try (Client slow = new Client();
                Client quick = new Client()) {
            RequestHeader[] headers = new RequestHeader[40];
            for (int i = 0; i < headers.length; i++) {
                headers[i] = slow.send(fetch(-1), i);
            }
            for (int i = 0; i < 10; i++) {
                assertThat(quick.ask(fetch(-1), i)).isInstanceOf(FetchResponse.class);
            }
            Thread.sleep(300);
            // What the kernel's buffers take, not 40 responses of 4 MiB.
            assertThat(sentWhole.get() - 10).isLessThan(10);
            for (RequestHeader header : headers) {
                assertThat(slow.receive(header)).isInstanceOf(FetchResponse.class);
            }
        }
    }

    @Test
    void requestsThatOnlyBrokersMaySendAreRefused() throws Exception { // G6
        try (Client client = new Client()) {
            var fetched = (FetchResponse) client.ask(fetch(2), 1);
            assertThat(fetched.error()).isEqualTo(Errors.INVALID_REQUEST);
            var request = list(2);
            var response = (ListOffsetsResponse) client.ask(request, 2);
            assertThat(response.topics().get(0).partitions().get(0).errorCode())
                    .isEqualTo(Errors.INVALID_REQUEST.code());
        }
        assertThat(broker.seen).isEmpty();
    }

    @Test
    void anApiThatIsNotAdvertisedIsAnsweredWithUnsupportedVersion() throws Exception {
        var request =
                new ListTransactionsRequest.Builder(new ListTransactionsRequestData()).build();
        try (Client client = new Client()) {
            var response = (ListTransactionsResponse) client.ask(request, 1);
            assertThat(response.data().errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
        }
    }

    /// Until parts go to several leaders at once (G9), none may go to one: half a request that was
    /// done and half that was refused is what no client expects. The code is one that clients show
    /// and do not try again.
    @Test
    void aRequestForSeveralLeadersIsRefusedWholeAndReachesNone() throws Exception {
        try (var second = new FakeBroker(cluster, 6);
                Client client = new Client()) {
            cluster.topic("public.wide", 5, 6);
            var response = (ListOffsetsResponse) client.ask(list(-1), 1);
            assertThat(response.topics().get(0).partitions())
                    .hasSize(2)
                    .allSatisfy(
                            partition ->
                                    assertThat(partition.errorCode())
                                            .isEqualTo(Errors.UNSUPPORTED_VERSION.code()));
            assertThat(broker.seen).isEmpty();
            assertThat(second.seen).isEmpty();
        }
    }

    @Test
    void aTransactionsCoordinatorIsRefusedWithTheReasonInWords() throws Exception { // D3
        var request =
                new FindCoordinatorRequest.Builder(
                                new FindCoordinatorRequestData()
                                        .setKeyType(
                                                FindCoordinatorRequest.CoordinatorType.TRANSACTION
                                                        .id())
                                        .setCoordinatorKeys(List.of("t")))
                        .build();
        try (Client client = new Client()) {
            var response = (FindCoordinatorResponse) client.ask(request, 1);
            var answer = response.data().coordinators().getFirst();
            assertThat(answer.errorCode()).isEqualTo(Errors.CLUSTER_AUTHORIZATION_FAILED.code());
            assertThat(answer.errorMessage()).contains("Unset transactional.id");
        }
    }

    @Test
    void aBrokerThatAnswersSomethingElseCostsBothConnections() throws Exception {
        broker.intercept =
                request -> {
                    var wrong = io.netty.buffer.Unpooled.buffer();
                    request.answerFrame(wrong.writeInt(8).writeInt(123456).writeInt(0));
                    return true;
                };
        try (Client client = new Client()) {
            client.send(fetch(-1), 1);
            assertThat(client.isClosedByPeer()).isTrue();
        }
    }

    private static FetchRequest fetch(int replicaId) {
        return new FetchRequest(
                new FetchRequestData().setReplicaId(replicaId).setMaxWaitMs(10), (short) 12);
    }

    private static ListOffsetsRequest list(int replicaId) {
        return ListOffsetsRequest.parse(
                MessageUtil.toByteBufferAccessor(listed(replicaId), (short) 7), (short) 7);
    }

    private static ListOffsetsRequestData listed(int replicaId) {
        var topic = new ListOffsetsRequestData.ListOffsetsTopic().setName("wide");
        for (int partition = 0; partition < 2; partition++) {
            topic.partitions()
                    .add(
                            new ListOffsetsRequestData.ListOffsetsPartition()
                                    .setPartitionIndex(partition)
                                    .setTimestamp(-1));
        }
        return new ListOffsetsRequestData().setReplicaId(replicaId).setTopics(List.of(topic));
    }

    private static FetchResponse fetched(MemoryRecords records) {
        var partition = new FetchResponseData.PartitionData().setRecords(records);
        var topic =
                new FetchResponseData.FetchableTopicResponse()
                        .setTopic("t")
                        .setTopicId(Uuid.ZERO_UUID)
                        .setPartitions(List.of(partition));
        return FetchResponse.of(new FetchResponseData().setResponses(List.of(topic)));
    }

    private final class Client implements AutoCloseable {
        private final Socket socket = new Socket("127.0.0.1", gateway.port());
        private final OutputStream out = socket.getOutputStream();
        private final DataInputStream in = new DataInputStream(socket.getInputStream());

        Client() throws IOException {
            socket.setSoTimeout(10_000);
        }

        RequestHeader send(AbstractRequest request, int correlationId) throws IOException {
            RequestHeader header =
                    new RequestHeader(request.apiKey(), request.version(), "raw", correlationId);
            ByteBuffer body = request.serializeWithHeader(header);
            out.write(ByteBuffer.allocate(4).putInt(body.remaining()).array());
            out.write(body.array(), body.arrayOffset() + body.position(), body.remaining());
            return header;
        }

        AbstractResponse receive(RequestHeader header) throws IOException {
            byte[] frame = new byte[in.readInt()];
            in.readFully(frame);
            return AbstractResponse.parseResponse(ByteBuffer.wrap(frame), header);
        }

        AbstractResponse ask(AbstractRequest request, int correlationId) throws IOException {
            return receive(send(request, correlationId));
        }

        boolean isClosedByPeer() throws IOException {
            return in.read() < 0;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
