package io.firn.protocol.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;

import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
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
    void oneNameManyTimesIsNotTakenForManyAlike() {
        metadata(IntStream.range(0, 5000).mapToObj(i -> "the-same").toList());
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
