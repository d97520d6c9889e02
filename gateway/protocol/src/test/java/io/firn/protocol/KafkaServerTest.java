package io.firn.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.protocol.connection.InboundRequest;
import io.firn.protocol.connection.RequestHandler;
import io.firn.protocol.preface.Caller;
import io.firn.protocol.preface.Preface;
import io.netty.buffer.ByteBufUtil;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.feature.Features;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

@Timeout(30)
class KafkaServerTest {
    private static final byte[] KEY = {1, 2, 3};
    private static final ServerConfig CONFIG = ServerConfig.of("test", "127.0.0.1", 0);
    private static final int AT_ONCE = ServerConfig.DEFAULT_MAX_QUEUED_REQUESTS;

    @Test
    void answersLeaveInTheOrderOfTheRequests() throws Exception { // G1
        BlockingQueue<InboundRequest> requests = new LinkedBlockingQueue<>();
        try (var server = KafkaServer.start(CONFIG, requests::add);
                var client = new RawClient(server.port())) {
            List<RequestHeader> headers = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                headers.add(client.send(heartbeat(i), i));
            }
            List<InboundRequest> taken = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                taken.add(requests.poll(5, TimeUnit.SECONDS));
            }
            Collections.reverse(taken);
            for (InboundRequest request : taken) {
                int generation = ((HeartbeatRequest) request.body()).data().generationId();
                if (generation == 3) {
                    request.answerNothing(); // takes its place, sends nothing
                } else {
                    request.answer(throttled(generation));
                }
            }
            for (int i = 0; i < AT_ONCE; i++) {
                if (i != 3) {
                    var response = (HeartbeatResponse) client.receive(headers.get(i));
                    assertThat(response.throttleTimeMs()).isEqualTo(i);
                }
            }
            assertThat(server.inFlightBytes()).isZero();
        }
    }

    @Test
    void aConnectionWithTooManyUnansweredRequestsIsNotRead() throws Exception { // G7
        BlockingQueue<InboundRequest> requests = new LinkedBlockingQueue<>();
        var config = CONFIG.withLimits(1000, 3, 10_000);
        try (var server = KafkaServer.start(config, requests::add);
                var client = new RawClient(server.port())) {
            for (int i = 0; i < 10; i++) {
                client.send(heartbeat(i), i);
            }
            Thread.sleep(200);
            assertThat(requests).hasSize(3);
            for (int i = 0; i < 10; i++) {
                var request = requests.poll(5, TimeUnit.SECONDS);
                request.answer(throttled(i));
            }
            for (int i = 0; i < 10; i++) {
                client.receiveFrame();
            }
        }
    }

    @Test
    void aServerThatStopsAnswersWhatItHasAndReadsNothingMore() throws Exception { // G1
        BlockingQueue<InboundRequest> requests = new LinkedBlockingQueue<>();
        try (var server = KafkaServer.start(CONFIG, requests::add);
                var idle = new RawClient(server.port());
                var client = new RawClient(server.port())) {
            List<RequestHeader> headers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                headers.add(client.send(heartbeat(i), i));
            }
            List<InboundRequest> taken = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                taken.add(requests.poll(5, TimeUnit.SECONDS));
            }
            var draining = CompletableFuture.runAsync(() -> server.drain(Duration.ofSeconds(30)));
            assertThatThrownBy(idle::receiveFrame).isInstanceOf(IOException.class); // at once
            RequestHeader late = client.send(heartbeat(3), 3);
            InboundRequest read = requests.poll(200, TimeUnit.MILLISECONDS);
            while (read != null
                    && taken.size() < AT_ONCE) { // its connection is told a moment later
                headers.add(late);
                taken.add(read);
                late = client.send(heartbeat(taken.size()), taken.size());
                read = requests.poll(200, TimeUnit.MILLISECONDS);
            }
            assertThat(read).isNull();
            assertThat(draining).isNotDone();

            for (int i = 0; i < taken.size(); i++) {
                taken.get(i).answer(throttled(i));
            }
            for (int i = 0; i < taken.size(); i++) {
                var response = (HeartbeatResponse) client.receive(headers.get(i));
                assertThat(response.throttleTimeMs()).isEqualTo(i);
            }
            draining.get(10, TimeUnit.SECONDS);
            assertThatThrownBy(client::receiveFrame).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aServerThatStopsWaitsNoLongerThanItIsToldTo() throws Exception { // G7
        BlockingQueue<InboundRequest> requests = new LinkedBlockingQueue<>();
        try (var server = KafkaServer.start(CONFIG, requests::add);
                var client = new RawClient(server.port())) {
            client.send(heartbeat(0), 0);
            assertThat(requests.poll(5, TimeUnit.SECONDS)).isNotNull(); // and never answered
            var draining = CompletableFuture.runAsync(() -> server.drain(Duration.ofMillis(100)));
            draining.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void largeAnswersLeaveInPartsAndWholeAndSmallOnesFollow() throws Exception { // G1
        MemoryRecords memory = large();
        AtomicInteger sent = new AtomicInteger();
        RequestHandler handler =
                request -> {
                    if (request.body() instanceof FetchRequest) {
                        request.answer(fetched(memory), sent::incrementAndGet);
                    } else {
                        request.answer(throttled(9));
                    }
                };
        try (var server = KafkaServer.start(CONFIG, handler);
                var client = new RawClient(server.port())) {
            List<RequestHeader> headers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                headers.add(client.send(i % 2 == 0 ? fetch() : heartbeat(i), i));
            }
            TimeUnit.MILLISECONDS.sleep(200); // nobody reads, so the sockets are full
            for (int i = 0; i < 6; i++) {
                var response = client.receive(headers.get(i));
                if (response instanceof FetchResponse fetched) {
                    var records =
                            (MemoryRecords)
                                    fetched.data().responses().get(0).partitions().get(0).records();
                    assertThat(records.buffer()).isEqualTo(memory.buffer());
                } else {
                    assertThat(((HeartbeatResponse) response).throttleTimeMs()).isEqualTo(9);
                }
            }
        }
        assertThat(sent).hasValue(3);
    }

    @Test
    void anAnswerThatNobodyReadsIsGivenUpWithItsConnection() throws Exception { // G7
        MemoryRecords memory = large();
        CountDownLatch done = new CountDownLatch(2);
        RequestHandler handler = request -> request.answer(fetched(memory), done::countDown);
        try (var server = KafkaServer.start(CONFIG, handler)) {
            try (var client = new RawClient(server.port())) {
                client.send(fetch(), 1);
                client.send(fetch(), 2);
                TimeUnit.MILLISECONDS.sleep(200);
                assertThat(done.getCount()).isEqualTo(2); // 30 MiB fit into no socket
            }
            assertThat(done.await(5, TimeUnit.SECONDS)).isTrue();
            assertThat(server.inFlightBytes()).isZero();
        }
    }

    private static MemoryRecords large() {
        byte[] value = new byte[30 << 20];
        new Random(7).nextBytes(value);
        return MemoryRecords.withRecords(Compression.NONE, new SimpleRecord("k".getBytes(), value));
    }

    @Test
    void fileRecordsAreSentFromTheirFileAndTheFileStaysOpen(@TempDir Path dir) throws Exception {
        MemoryRecords memory =
                MemoryRecords.withRecords(
                        Compression.NONE, new SimpleRecord("k".getBytes(), new byte[300_000]));
        FileRecords file = FileRecords.open(Files.createFile(dir.resolve("1.log")).toFile());
        file.append(memory);
        file.flush();
        AtomicInteger sent = new AtomicInteger();
        RequestHandler handler = request -> request.answer(fetched(file), sent::incrementAndGet);
        try (var server = KafkaServer.start(CONFIG, handler);
                var client = new RawClient(server.port())) {
            for (int i = 0; i < 3; i++) {
                RequestHeader header = client.send(fetch(), i);
                var response = (FetchResponse) client.receive(header);
                var records =
                        (MemoryRecords)
                                response.data().responses().get(0).partitions().get(0).records();
                assertThat(records.buffer()).isEqualTo(memory.buffer());
            }
            assertThat(file.channel().isOpen()).isTrue();
        }
        assertThat(sent).hasValue(3);
    }

    @Test
    void anUnknownVersionOfApiVersionsIsAnsweredInVersionZero() throws Exception {
        try (var server = KafkaServer.start(CONFIG, r -> r.fail(new RuntimeException()));
                var client = new RawClient(server.port())) {
            ByteBuffer frame = ByteBuffer.allocate(200);
            frame.putShort((short) 18).putShort((short) 99).putInt(5).putShort((short) -1);
            frame.put((byte) 0).flip();
            client.sendFrame(frame);
            var answer =
                    (ApiVersionsResponse)
                            client.receive(
                                    new RequestHeader(ApiKeys.API_VERSIONS, (short) 0, "", 5));
            assertThat(answer.data().errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
            assertThat(answer.apiVersion((short) 18).maxVersion())
                    .isEqualTo(ApiKeys.API_VERSIONS.latestVersion());
        }
    }

    @Test
    void aRequestOfManyTinyValuesIsRefusedBeforeItFillsTheHeap() throws Exception { // G7
        int partitions = 900_000; // of 12 bytes: fits into a frame, and would be objects of 200 MB
        ByteBuffer frame = ByteBuffer.allocate(100 + 3 * (7 + partitions * 12));
        frame.putShort((short) 2).putShort((short) 1).putInt(5).putShort((short) -1); // ListOffsets
        frame.putInt(-1).putInt(3);
        for (int topic = 0; topic < 3; topic++) {
            frame.putShort((short) 1).put((byte) ('a' + topic)).putInt(partitions);
            frame.position(frame.position() + partitions * 12);
        }
        frame.flip();
        try (var server = KafkaServer.start(CONFIG, r -> r.fail(new RuntimeException()));
                var client = new RawClient(server.port())) {
            client.sendFrame(frame);
            assertThat(client.isClosedByPeer()).isTrue();
            assertThat(server.inFlightBytes()).isZero();
        }
    }

    @Test
    void whatABodyIsParsedIntoCountsInTheBudgetAndOthersWaitForIt() throws Exception { // B11, G7
        BlockingQueue<InboundRequest> requests = new LinkedBlockingQueue<>();
        var config = CONFIG.withLimits(4 << 20, 8, 11 << 20); // of which an address gets 7.2 MiB
        ByteBuffer frame = listOffsets(60_000);
        try (var server = KafkaServer.start(config, requests::add);
                var first = new RawClient(server.port());
                var second = new RawClient(server.port());
                var third = new RawClient(server.port())) {
            for (RawClient client : List.of(first, second, third)) {
                client.sendFrame(frame.duplicate());
            }
            InboundRequest one = requests.poll(5, TimeUnit.SECONDS);
            InboundRequest two = requests.poll(5, TimeUnit.SECONDS); // one may go beyond it
            assertThat(requests.poll(300, TimeUnit.MILLISECONDS)).isNull();
            assertThat(server.inFlightBytes()).isGreaterThan(2 * 60_000 * (12 + 40));
            one.fail(new RuntimeException("one"));
            two.fail(new RuntimeException("two"));
            InboundRequest three = requests.poll(5, TimeUnit.SECONDS);
            three.fail(new RuntimeException("three"));
            for (RawClient client : List.of(first, second, third)) {
                client.receiveFrame();
            }
            assertThat(server.inFlightBytes()).isZero();
        }
    }

    @Test
    void aClientThatLeavesWhileItsBodyWaitsForMemoryHoldsNone() throws Exception { // B11
        BlockingQueue<InboundRequest> requests = new LinkedBlockingQueue<>();
        var config = CONFIG.withLimits(4 << 20, 8, 6 << 20);
        try (var server = KafkaServer.start(config, requests::add)) {
            List<RawClient> stay = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                RawClient client = new RawClient(server.port());
                client.sendFrame(listOffsets(60_000));
                stay.add(client);
            }
            try (var gone = new RawClient(server.port())) {
                gone.sendFrame(listOffsets(60_000));
            }
            // The five, and who has gone too if its request was here before that was noticed.
            int handled = 0;
            InboundRequest next = requests.poll(10, TimeUnit.SECONDS);
            while (next != null) {
                next.connection().close();
                handled++;
                next = requests.poll(2, TimeUnit.SECONDS);
            }
            assertThat(handled).isBetween(5, 6);
            for (RawClient client : stay) {
                client.close();
            }
            for (int i = 0; i < 100 && server.inFlightBytes() != 0; i++) {
                Thread.sleep(20);
            }
            assertThat(server.inFlightBytes()).isZero();
        }
    }

    @Test
    void largeRequestsAreHandledOffTheEventLoopAndInTheirOrder() throws Exception { // G12, G1
        List<String> threads = Collections.synchronizedList(new ArrayList<>());
        RequestHandler handler =
                request -> {
                    threads.add(Thread.currentThread().getName());
                    request.fail(new RuntimeException("no"));
                };
        try (var server = KafkaServer.start(CONFIG, handler);
                var client = new RawClient(server.port())) {
            client.sendFrame(listOffsets(30_000));
            client.send(heartbeat(1), 7);
            assertThat(ByteBuffer.wrap(client.receiveFrame()).getInt()).isEqualTo(5);
            assertThat(ByteBuffer.wrap(client.receiveFrame()).getInt()).isEqualTo(7);
            assertThat(threads.get(0)).contains("-worker");
            assertThat(threads.get(1)).contains("-io-");
        }
    }

    @Test
    void whatIsDoneInTurnsLeavesTurnsToOthersAndItsConnectionWaits() throws Exception { // G12, G1
        List<Integer> steps = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch both = new CountDownLatch(4);
        CountDownLatch others = new CountDownLatch(1);
        RequestHandler handler =
                request -> {
                    int id = ((HeartbeatRequest) request.body()).data().generationId();
                    int most = id < 10 ? 3 : 1;
                    AtomicInteger step = new AtomicInteger();
                    request.inTurns(
                            () -> {
                                both.countDown();
                                awaitQuietly(both); // until all four have had their first turn
                                if (step.get() > 0) {
                                    awaitQuietly(others); // they have theirs in between
                                }
                                steps.add(id);
                                if (id >= 10) {
                                    others.countDown();
                                }
                                if (step.incrementAndGet() < most) {
                                    return false;
                                }
                                request.answer(throttled(id));
                                return true;
                            });
                };
        try (var server = KafkaServer.start(CONFIG, handler);
                var one = new RawClient(server.port());
                var other = new RawClient(server.port())) {
            both.countDown();
            both.countDown();
            RequestHeader first = one.send(heartbeat(1), 1);
            RequestHeader second = one.send(heartbeat(2), 2);
            RequestHeader third = other.send(heartbeat(10), 3);
            assertThat(((HeartbeatResponse) one.receive(first)).throttleTimeMs()).isEqualTo(1);
            assertThat(((HeartbeatResponse) one.receive(second)).throttleTimeMs()).isEqualTo(2);
            assertThat(((HeartbeatResponse) other.receive(third)).throttleTimeMs()).isEqualTo(10);
        }
        assertThat(steps).filteredOn(id -> id < 10).containsExactly(1, 1, 1, 2, 2, 2);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aConnectionIsClosedWhenItIsIdleButNotWhileItWaits() throws Exception { // B12
        BlockingQueue<InboundRequest> requests = new LinkedBlockingQueue<>();
        var limits = new ConnectionLimits(java.time.Duration.ofMillis(150), 10, 10);
        try (var server = KafkaServer.start(CONFIG.withConnections(limits), requests::add);
                var idle = new RawClient(server.port());
                var waits = new RawClient(server.port())) {
            RequestHeader header = waits.send(heartbeat(1), 1);
            assertThat(idle.isClosedByPeer()).isTrue();
            Thread.sleep(400);
            requests.take().answer(throttled(3));
            assertThat(((HeartbeatResponse) waits.receive(header)).throttleTimeMs()).isEqualTo(3);
            assertThat(waits.isClosedByPeer()).isTrue(); // now it is idle, too
        }
    }

    @Test
    void connectionsBeyondTheLimitsAreClosedAtOnceAndMakeRoomWhenTheyEnd() throws Exception { // B12
        for (var limits :
                List.of(
                        new ConnectionLimits(java.time.Duration.ofMinutes(1), 2, 10),
                        new ConnectionLimits(java.time.Duration.ofMinutes(1), 10, 2))) {
            try (var server =
                            KafkaServer.start(
                                    CONFIG.withConnections(limits), r -> r.answer(throttled(1)));
                    var first = new RawClient(server.port())) {
                first.receive(first.send(heartbeat(1), 1));
                try (var second = new RawClient(server.port())) {
                    second.receive(second.send(heartbeat(1), 1));
                    try (var third = new RawClient(server.port())) {
                        assertThat(third.isClosedByPeer()).isTrue();
                    }
                }
                boolean room = false;
                for (int i = 0; i < 100 && !room; i++) { // the server hears of the end a bit later
                    Thread.sleep(20);
                    try (var again = new RawClient(server.port())) {
                        again.receive(again.send(heartbeat(1), 1));
                        room = true;
                    } catch (java.io.IOException e) {
                        room = false;
                    }
                }
                assertThat(room).isTrue();
            }
        }
    }

    private static ByteBuffer listOffsets(int partitions) {
        ByteBuffer frame = ByteBuffer.allocate(100 + partitions * 12);
        frame.putShort((short) 2).putShort((short) 1).putInt(5).putShort((short) -1);
        frame.putInt(-1).putInt(1).putShort((short) 1).put((byte) 'a').putInt(partitions);
        for (int i = 0; i < partitions; i++) {
            frame.putInt(i).putLong(0);
        }
        return frame.flip();
    }

    @Test
    void unknownApisVersionsAndGarbageCloseTheConnection() throws Exception {
        byte[][] hostile = {
            frame(0, 0), // Produce 0: advertised and refused (KAFKA-18659)
            frame(1, 99),
            frame(999, 0),
            frame(3, 12),
            "GET / HTTP/1.0\r\n\r\n".getBytes(),
            {0x16, 3, 1, 0, (byte) 0xa5, 1, 0, 0},
            new byte[4],
            {-1, -1, -1, -1},
            {0, 0, 0, 1, 7},
        };
        try (var server = KafkaServer.start(CONFIG, r -> r.answer(throttled(0)))) {
            for (byte[] bytes : hostile) {
                try (var client = new RawClient(server.port())) {
                    client.sendBytes(bytes);
                    assertThat(client.isClosedByPeer()).isTrue();
                }
            }
            assertThat(server.inFlightBytes()).isZero();
        }
    }

    @Test
    void aClusterPortTakesOnlyConnectionsWithAValidPreface() throws Exception { // G6
        RequestHandler handler =
                request -> {
                    assertThat(request.caller().tenant()).isEqualTo("acme");
                    assertThat(request.names().inside("t")).isEqualTo("acme.t");
                    request.answer(throttled(3));
                };
        var preface =
                new Preface(
                        new Caller("acme", "User:a", "10.1.1.1", "L"),
                        System.currentTimeMillis(),
                        1);
        try (var server = KafkaServer.start(CONFIG.withClusterKey(KEY), handler)) {
            try (var good = new RawClient(server.port())) {
                good.sendBytes(ByteBufUtil.getBytes(preface.encode(KEY)));
                RequestHeader header = good.send(heartbeat(1), 1);
                assertThat(((HeartbeatResponse) good.receive(header)).throttleTimeMs())
                        .isEqualTo(3);
            }
            try (var forged = new RawClient(server.port())) {
                forged.sendBytes(ByteBufUtil.getBytes(preface.encode(new byte[] {6})));
                assertThat(forged.isClosedByPeer()).isTrue();
            }
            try (var client = new RawClient(server.port())) {
                client.send(heartbeat(1), 1);
                assertThat(client.isClosedByPeer()).isTrue();
            }
            try (var large = new RawClient(server.port())) {
                large.sendBytes(new byte[] {0, 1, 0, 0}); // more than a preface can be
                assertThat(large.isClosedByPeer()).isTrue();
            }
        }
    }

    @Test
    void aHandlerThatThrowsAnswersWithAnError() throws Exception {
        RequestHandler handler =
                request -> {
                    throw Errors.COORDINATOR_NOT_AVAILABLE.exception();
                };
        try (var server = KafkaServer.start(CONFIG, handler);
                var client = new RawClient(server.port())) {
            RequestHeader header = client.send(heartbeat(1), 1);
            assertThat(((HeartbeatResponse) client.receive(header)).data().errorCode())
                    .isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE.code());
        }
    }

    @Test
    void aTakenPortIsSaidInOneLine() {
        try (var server = KafkaServer.start(CONFIG, r -> {})) {
            var taken = ServerConfig.of("second", "127.0.0.1", server.port());
            assertThatThrownBy(() -> KafkaServer.start(taken, r -> {}))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("127.0.0.1:" + server.port());
        }
    }

    @Test
    void apiVersionsNamesWhatIsServedAndTheOldProduceVersions() {
        var answer =
                SupportedApi.apiVersions(
                        (short) 4,
                        Features.emptySupportedFeatures(),
                        Map.of("group.version", (short) 1),
                        5);
        assertThat(answer.data().apiKeys()).hasSize(SupportedApi.values().length);
        assertThat(answer.apiVersion(ApiKeys.PRODUCE.id).minVersion()).isZero();
        assertThat(SupportedApi.serves(ApiKeys.PRODUCE, (short) 2)).isFalse();
        assertThat(SupportedApi.serves(ApiKeys.PRODUCE, (short) 3)).isTrue();
        assertThat(SupportedApi.serves(ApiKeys.VOTE, (short) 1)).isFalse();
        assertThat(SupportedApi.INIT_PRODUCER_ID.maxVersion()).isEqualTo((short) 5);
        var request = new ApiVersionsRequest(new ApiVersionsRequestData(), (short) 4);
        assertThat(request.version()).isEqualTo((short) 4);
    }

    private static byte[] frame(int api, int version) {
        return ByteBuffer.allocate(14)
                .putInt(10)
                .putShort((short) api)
                .putShort((short) version)
                .putInt(1)
                .putShort((short) -1)
                .array();
    }

    private static HeartbeatRequest heartbeat(int generation) {
        return new HeartbeatRequest.Builder(
                        new HeartbeatRequestData()
                                .setGroupId("g")
                                .setMemberId("m")
                                .setGenerationId(generation))
                .build();
    }

    private static HeartbeatResponse throttled(int ms) {
        return new HeartbeatResponse(new HeartbeatResponseData().setThrottleTimeMs(ms));
    }

    private static FetchRequest fetch() {
        return new FetchRequest(new FetchRequestData(), ApiKeys.FETCH.latestVersion());
    }

    private static FetchResponse fetched(BaseRecords file) {
        var partition = new FetchResponseData.PartitionData().setRecords(file);
        var topic =
                new FetchResponseData.FetchableTopicResponse()
                        .setTopicId(Uuid.ONE_UUID)
                        .setPartitions(List.of(partition));
        return FetchResponse.of(new FetchResponseData().setResponses(List.of(topic)));
    }
}
