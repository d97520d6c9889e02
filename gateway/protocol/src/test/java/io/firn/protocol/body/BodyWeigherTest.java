package io.firn.protocol.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;

import io.firn.protocol.SupportedApi;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.utils.internals.ImplicitLinkedHashCollection;
import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

class BodyWeigherTest { // G12, B1
    private final BodyWeigher weigher = new BodyWeigher("public.");

    @Test
    void everyBodyOfEveryApiIsReadAsItsParserReadsIt() {
        SplittableRandom random = new SplittableRandom(7);
        for (ApiKeys key : ApiKeys.values()) {
            for (short version = key.oldestVersion(); version <= key.latestVersion(); version++) {
                for (int i = 0; i < 20; i++) {
                    ByteBuffer body = BodyMaker.body(key, version, 1 << 20, anything(random));
                    ByteBuffer parsed = body.duplicate();
                    key.messageType.newRequest().read(new ByteBufferAccessor(parsed), version);
                    weigher.weigh(key, version, body);
                    assertThat(body.position())
                            .as("end of %s version %d", key, version)
                            .isEqualTo(parsed.position());
                }
            }
        }
    }

    @Test
    void whatABodyHoldsInMemoryIsKnownBeforeItIsParsed() { // B11
        SplittableRandom random = new SplittableRandom(8);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (ApiKeys key : ApiKeys.values()) {
            for (short version = key.oldestVersion(); version <= key.latestVersion(); version++) {
                ByteBuffer body = BodyMaker.body(key, version, 4 << 20, wide(random));
                if (body.remaining() < 20_000) {
                    continue; // has no arrays
                }
                int estimate = weigher.weigh(key, version, body.duplicate()).heapBytes();
                long before = threads.getCurrentThreadAllocatedBytes();
                key.messageType.newRequest().read(new ByteBufferAccessor(body), version);
                long allocated = threads.getCurrentThreadAllocatedBytes() - before;
                assertThat(estimate)
                        .as("%s version %d allocates %d", key, version, allocated)
                        // Texts are copied twice, and the first copy is garbage at once.
                        .isBetween((int) (allocated / 2.2), (int) (allocated * 1.5));
            }
        }
    }

    @Test
    void namesOfOneHashAreRefusedBeforeTheyArePutIntoATable() { // B1
        List<String> alike = IntStream.range(0, 4096).mapToObj(BodyWeigherTest::alike).toList();
        assertThatThrownBy(() -> create(alike)).isInstanceOf(InvalidRequestException.class);
        assertThatThrownBy(() -> metadata(alike))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("chosen to collide");
    }

    @Test
    void namesThatShareTheSlotsOfTheParsersTableAreRefused() { // B1: no two of them have one hash
        List<String> alike = sharingASlot(1000, 2 * 1000 + 1);
        metadata(alike); // parsed into a list
        assertThatThrownBy(() -> create(alike))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("share so few slots");
    }

    @Test
    void namesThatCollideOnlyInsideTheClusterAreRefused() { // B1: another length, another prefix
        List<String> alike = new ArrayList<>();
        for (int i = 0; i < 4096; i++) {
            alike.add(alike(i));
        }
        BodyWeigher of = new BodyWeigher("acme.");
        assertThatThrownBy(() -> metadata(of, alike)).hasMessageContaining("chosen to collide");
    }

    @Test
    void honestNamesPassHoweverTheyAreMade() {
        List<IntFunction<String>> habits =
                List.of(
                        i -> "topic-" + i,
                        i -> "orders.%05d".formatted(i),
                        i -> "t" + i,
                        i -> Integer.toHexString(i * 0x9e3779b9),
                        i -> "eu-west-%d.service-%d.events".formatted(i % 7, i),
                        i -> "%d".formatted(i),
                        i -> "user_%d_%d".formatted(i / 100, i % 100),
                        i -> "äöü-" + i);
        for (IntFunction<String> habit : habits) {
            for (int count : new int[] {65, 200, 1000, 2500, 5000, 10_000, 20_000}) {
                List<String> names = IntStream.range(0, count).mapToObj(habit).toList();
                create(names);
                metadata(names);
            }
        }
    }

    @Test
    void aNameThatIsAskedForAgainAndAgainIsRefused() { // answers keep topics in a hash table
        metadata(IntStream.range(0, 300).mapToObj(i -> "the-same").toList());
        assertThatThrownBy(() -> metadata(IntStream.range(0, 5000).mapToObj(i -> "a").toList()))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("the same names so often");
    }

    @Test
    void topicsAreAskedForByIdInAnyNumber() {
        var topics = new ArrayList<MetadataRequestTopic>();
        for (int i = 0; i < 10_000; i++) {
            topics.add(new MetadataRequestTopic().setTopicId(Uuid.randomUuid()).setName(null));
        }
        weigh(ApiKeys.METADATA, 13, body(new MetadataRequestData().setTopics(topics), 13));
    }

    @Test
    void everyApiThatAnswersInTablesIsKnown() { // B1: what is in them was named by clients
        // In the answers of these, servers are in tables, or what the request has in one as well.
        var others =
                Set.of(
                        ApiKeys.PRODUCE,
                        ApiKeys.FETCH,
                        ApiKeys.API_VERSIONS,
                        ApiKeys.DESCRIBE_CLUSTER);
        for (SupportedApi api : SupportedApi.values()) {
            Class<?> answer = api.key().messageType.newResponse().getClass();
            assertThat(BodyWeigher.ANSWERED_IN_TABLES.contains(api.key()))
                    .as("%s", api)
                    .isEqualTo(holdsTables(answer) && !others.contains(api.key()));
        }
    }

    private static boolean holdsTables(Class<?> message) {
        return Arrays.stream(message.getDeclaredFields())
                .anyMatch(f -> ImplicitLinkedHashCollection.class.isAssignableFrom(f.getType()));
    }

    @Test
    void partitionsThatHaveOneHashWithTheirTopicsAreRefused() { // B1: TopicPartition.hashCode
        var topics = new ArrayList<ListOffsetsTopic>();
        int reciprocal = BigInteger.valueOf(31).modInverse(BigInteger.TWO.pow(32)).intValue();
        for (int i = 0; i < 1000; i++) {
            String name = "topic-" + i;
            int partition = (7 - name.hashCode()) * reciprocal;
            topics.add(
                    new ListOffsetsTopic()
                            .setName(name)
                            .setPartitions(
                                    List.of(
                                            new ListOffsetsPartition()
                                                    .setPartitionIndex(partition))));
        }
        assertThatThrownBy(
                        () ->
                                weigh(
                                        ApiKeys.LIST_OFFSETS,
                                        11,
                                        body(new ListOffsetsRequestData().setTopics(topics), 11)))
                .hasMessageContaining("partitions of the request have the hash");
    }

    /// As many as honest clients have.
    @Test
    void honestPartitionsPass() {
        for (int count : new int[] {100, 1000, 10_000}) {
            weigh(ApiKeys.LIST_OFFSETS, 11, body(listOffsets(1, count), 11));
            weigh(ApiKeys.LIST_OFFSETS, 11, body(listOffsets(count, 3), 11));
            weigh(ApiKeys.OFFSET_COMMIT, 9, body(commit(count), 9));
            weigh(ApiKeys.OFFSET_FETCH, 9, body(offsetFetch(count), 9));
            weigh(ApiKeys.FETCH, 17, body(fetch(count / 10, 10), 17));
            weigh(ApiKeys.FETCH, 17, body(fetch(1, count), 17));
            weigh(ApiKeys.PRODUCE, 12, body(produce(count / 10, 10), 12));
            weigh(ApiKeys.DELETE_RECORDS, 2, body(deleteRecords(Math.min(count, 8000)), 2));
        }
    }

    private static ListOffsetsRequestData listOffsets(int topics, int partitions) {
        return new ListOffsetsRequestData()
                .setTopics(
                        many(
                                topics,
                                t ->
                                        new ListOffsetsTopic()
                                                .setName("orders-" + t)
                                                .setPartitions(
                                                        many(
                                                                partitions,
                                                                p ->
                                                                        new ListOffsetsPartition()
                                                                                .setPartitionIndex(
                                                                                        p)))));
    }

    /// All with the same metadata, as clients send them.
    private static OffsetCommitRequestData commit(int partitions) {
        return new OffsetCommitRequestData()
                .setGroupId("group")
                .setTopics(
                        List.of(
                                new OffsetCommitRequestTopic()
                                        .setName("orders")
                                        .setPartitions(
                                                many(
                                                        partitions,
                                                        p ->
                                                                new OffsetCommitRequestPartition()
                                                                        .setPartitionIndex(p)
                                                                        .setCommittedMetadata(
                                                                                "")))));
    }

    /// Of many groups that read the same topics.
    private static OffsetFetchRequestData offsetFetch(int groups) {
        return new OffsetFetchRequestData()
                .setGroups(
                        many(
                                groups,
                                g ->
                                        new OffsetFetchRequestGroup()
                                                .setGroupId("group-" + g)
                                                .setTopics(
                                                        many(
                                                                5,
                                                                t ->
                                                                        new OffsetFetchRequestTopics()
                                                                                .setName(
                                                                                        "orders-"
                                                                                                + t)
                                                                                .setPartitionIndexes(
                                                                                        List.of(
                                                                                                0,
                                                                                                1,
                                                                                                2))))));
    }

    private static FetchRequestData fetch(int topics, int partitions) {
        return new FetchRequestData()
                .setTopics(
                        many(
                                topics,
                                t ->
                                        new FetchTopic()
                                                .setTopicId(Uuid.randomUuid())
                                                .setPartitions(
                                                        many(
                                                                partitions,
                                                                p ->
                                                                        new FetchPartition()
                                                                                .setPartition(
                                                                                        p)))));
    }

    private static ProduceRequestData produce(int topics, int partitions) {
        ProduceRequestData data = new ProduceRequestData().setAcks((short) -1);
        for (int t = 0; t < topics; t++) {
            data.topicData()
                    .add(
                            new TopicProduceData()
                                    .setName("orders-" + t)
                                    .setPartitionData(
                                            many(
                                                    partitions,
                                                    p ->
                                                            new PartitionProduceData()
                                                                    .setIndex(p)
                                                                    .setRecords(
                                                                            MemoryRecords.EMPTY))));
        }
        return data;
    }

    private static DeleteRecordsRequestData deleteRecords(int partitions) {
        return new DeleteRecordsRequestData()
                .setTopics(
                        List.of(
                                new DeleteRecordsTopic()
                                        .setName("orders")
                                        .setPartitions(
                                                many(
                                                        partitions,
                                                        p ->
                                                                new DeleteRecordsPartition()
                                                                        .setPartitionIndex(p)))));
    }

    private static <T> List<T> many(int count, IntFunction<T> make) {
        return IntStream.range(0, count).mapToObj(make).toList();
    }

    @Test
    void aBodyThatIsCutOrLiesAboutItsLengthsIsRefused() {
        ByteBuffer whole = body(create("a", "b"));
        for (int length = 0; length < whole.remaining(); length++) {
            ByteBuffer cut = whole.slice(0, length);
            assertThatThrownBy(() -> weigh(ApiKeys.CREATE_TOPICS, cut))
                    .isInstanceOf(InvalidRequestException.class);
        }
    }

    private static BodyMaker.Filling anything(SplittableRandom random) {
        return new RandomFilling(random) {
            @Override
            public int entries(int depth, int elementBytes, boolean nests) {
                return random.nextInt(depth > 1 ? 4 : 12);
            }
        };
    }

    private static BodyMaker.Filling wide(SplittableRandom random) {
        return new RandomFilling(random) {
            @Override
            public int entries(int depth, int elementBytes, boolean nests) {
                return depth == 1 ? 2000 : 2;
            }
        };
    }

    private static CreateTopicsRequestData create(String... names) {
        CreateTopicsRequestData data = new CreateTopicsRequestData();
        for (String name : names) {
            data.topics().add(new CreatableTopic().setName(name).setNumPartitions(1));
        }
        return data;
    }

    /// Not made of Kafka's own class, which would take minutes.
    private void create(List<String> names) {
        ByteBuffer out = ByteBuffer.allocate(names.size() * 80 + 100).putInt(names.size());
        for (String name : names) {
            byte[] text = name.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            out.putShort((short) text.length).put(text);
            out.putInt(1).putShort((short) 1).putInt(0).putInt(0);
        }
        weigher.weigh(ApiKeys.CREATE_TOPICS, (short) 2, out.putInt(1000).put((byte) 0).flip());
    }

    private void metadata(List<String> names) {
        metadata(weigher, names);
    }

    private static void metadata(BodyWeigher weigher, List<String> names) {
        List<MetadataRequestTopic> topics = new ArrayList<>();
        names.forEach(name -> topics.add(new MetadataRequestTopic().setName(name)));
        var data = new MetadataRequestData().setTopics(topics);
        ByteBuffer body = MessageUtil.toByteBufferAccessor(data, (short) 9).buffer();
        weigher.weigh(ApiKeys.METADATA, (short) 9, body);
    }

    private static ByteBuffer body(ApiMessage data, int version) {
        return MessageUtil.toByteBufferAccessor(data, (short) version).buffer();
    }

    private void weigh(ApiKeys key, int version, ByteBuffer body) {
        weigher.weigh(key, (short) version, body);
    }

    private static ByteBuffer body(CreateTopicsRequestData data) {
        return MessageUtil.toByteBufferAccessor(data, (short) 7).buffer();
    }

    private void weigh(ApiKeys key, ByteBuffer body) {
        weigher.weigh(key, key.latestVersion(), body);
    }

    /// All of these have one hash.
    private static String alike(int i) {
        StringBuilder name = new StringBuilder();
        for (int bit = 0; bit < 12; bit++) {
            name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
        }
        return name.toString();
    }

    private static List<String> sharingASlot(int count, int capacity) {
        List<String> found = new ArrayList<>();
        for (int i = 0; found.size() < count; i++) {
            String name = Integer.toString(i, 36);
            if ((name.hashCode() & Integer.MAX_VALUE) % capacity == 5) {
                found.add(name);
            }
        }
        return found;
    }

    private abstract static class RandomFilling implements BodyMaker.Filling {
        private final SplittableRandom random;

        RandomFilling(SplittableRandom random) {
            this.random = random;
        }

        @Override
        public String text() {
            return random.nextInt(5) == 0
                    ? "ä€😀".repeat(random.nextInt(3))
                    : Long.toString(random.nextLong() >>> 1, 36);
        }

        @Override
        public long number(int bytes) {
            return random.nextInt(100_000);
        }

        @Override
        public int unknownTags(int depth) {
            return random.nextInt(10) == 0 ? random.nextInt(3) : 0;
        }

        @Override
        public int bytes() {
            return random.nextInt(20) - 1;
        }

        @Override
        public boolean optional() {
            return random.nextBoolean();
        }
    }
}
