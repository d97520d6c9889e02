package io.firn.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.broker.cold.TableTier;
import io.firn.broker.cold.Tables;
import io.firn.catalog.client.ColdState;
import io.firn.controller.image.TopicState;
import io.firn.log.PartitionLog;

import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.common.requests.DeleteRecordsResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// DeleteRecords × offload × restart against the table: what is deleted is gone in both tiers,
/// inside a batch too, and nothing else is (C1, C2, C4, C9, C17, L6). A real broker and a real
/// catalog on Postgres run random sequences, one a partition and many side by side, against a small
/// model of what was acknowledged and what was deleted.
///
/// `-Dfirn.deletes.seed=S -Dfirn.deletes.worlds=1` runs the world again that failed with seed S;
/// more worlds run for longer.
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class DeletedRecordsModelTest {
    private static final int WORLDS = Integer.getInteger("firn.deletes.worlds", 8);
    private static final int SEQUENCES = 25; // of a world: its partitions
    private static final int ROUNDS = 6;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long TIME = 1_700_000_000_000L;

    private static RealCatalog catalog;
    private static TestCluster cluster;

    @BeforeAll
    static void start(@TempDir Path dir) throws Exception {
        catalog = new RealCatalog(dir, TestCluster.KEY);
        cluster =
                new TestCluster(
                        dir,
                        Optional.of(
                                new Tables(
                                        catalog.client(), catalog.bucket, dir.resolve("spool"))));
    }

    @AfterAll
    static void stop() {
        cluster.close();
        catalog.close();
    }

    @Test
    void whatIsDeletedIsGoneInBothTiersAndNothingElseIs() throws Exception {
        Long given = Long.getLong("firn.deletes.seed");
        long first = given == null ? System.nanoTime() : given;
        for (long seed = first; seed < first + WORLDS; seed++) {
            System.out.println("deleted records: seed " + seed);
            World world = new World(seed);
            try {
                world.run();
            } catch (AssertionError | Exception e) {
                throw new AssertionError(
                        "World of seed %d failed; -Dfirn.deletes.seed=%d -Dfirn.deletes.worlds=1 runs it again. Its steps:%n%s"
                                .formatted(seed, seed, String.join("\n", world.steps)),
                        e);
            }
        }
    }

    private record Kept(String value, long timestamp) {}

    /// One sequence: what its partition has to have.
    private static final class Model {
        final NavigableMap<Long, Kept> records = new TreeMap<>();
        long start;
        long end;

        NavigableMap<Long, Kept> live() {
            return records.tailMap(start, true);
        }
    }

    private static final class World {
        final List<String> steps = new ArrayList<>();
        private final Random random;
        private final String name;
        private final boolean retention;
        private final List<Model> models = new ArrayList<>();
        private TopicState topic;

        World(long seed) {
            this.random = new Random(seed);
            this.name = "deletes-" + Long.toUnsignedString(seed, 36);
            this.retention = random.nextInt(3) == 0;
        }

        void run() throws Exception {
            create();
            for (int round = 0; round < ROUNDS; round++) {
                step("round %d", round);
                producesAndRolls();
                deletes();
                if (random.nextBoolean()) {
                    together();
                }
                deletes();
                trims();
                if (random.nextInt(3) > 0) {
                    together();
                }
                check();
            }
            catalog.away = false;
            catalog.lost.set(0);
            quiesce();
            check();
            trimAll();
            check(); // all of it cold now
            try (Admin admin = cluster.admin()) {
                admin.deleteTopics(List.of(name)).all().get();
            }
        }

        private void step(String what, Object... values) {
            steps.add(what.formatted(values));
        }

        private void create() throws Exception {
            try (Admin admin = cluster.admin()) {
                admin.createTopics(
                                List.of(
                                        new NewTopic(name, SEQUENCES, (short) 1)
                                                .configs(
                                                        Map.of(
                                                                "firn.table.freshness.ms",
                                                                "2000",
                                                                "retention.ms",
                                                                "-1",
                                                                "local.retention.ms",
                                                                "0"))))
                        .all()
                        .get();
            }
            cluster.follower.await(image -> image.topic("public." + name).isPresent(), PATIENCE);
            topic = cluster.follower.image().topic("public." + name).orElseThrow();
            for (int i = 0; i < SEQUENCES; i++) {
                models.add(new Model());
            }
        }

        private PartitionLog log(int partition) {
            return cluster.broker
                    .hotLog()
                    .opened(
                            new TopicIdPartition(
                                    topic.id(), new TopicPartition(topic.name(), partition)))
                    .orElseThrow();
        }

        // ---- steps

        private void producesAndRolls() {
            for (int turn = 0; turn < 3; turn++) {
                produce();
                for (int p = 0; p < SEQUENCES; p++) {
                    if (random.nextInt(4) == 0) {
                        step("roll %d", p);
                        log(p).roll();
                    }
                }
            }
        }

        private void produce() {
            TopicProduceData data = new TopicProduceData().setName(name);
            Map<Integer, List<Kept>> sent = new LinkedHashMap<>();
            for (int p = 0; p < SEQUENCES; p++) {
                List<Kept> records = new ArrayList<>();
                for (int i = 1 + random.nextInt(9); i > 0; i--) {
                    records.add(
                            new Kept(
                                    p + ":" + random.nextLong(),
                                    TIME + random.nextInt(1_000_000_000)));
                }
                sent.put(p, records);
                Compression codec =
                        random.nextBoolean() ? Compression.NONE : Compression.zstd().build();
                data.partitionData()
                        .add(
                                new PartitionProduceData()
                                        .setIndex(p)
                                        .setRecords(
                                                MemoryRecords.withRecords(
                                                        codec,
                                                        records.stream()
                                                                .map(
                                                                        k ->
                                                                                new SimpleRecord(
                                                                                        k
                                                                                                .timestamp(),
                                                                                        null,
                                                                                        k.value()
                                                                                                .getBytes(
                                                                                                        StandardCharsets
                                                                                                                .UTF_8)))
                                                                .toArray(SimpleRecord[]::new))));
            }
            ProduceRequestData request =
                    new ProduceRequestData().setAcks((short) -1).setTimeoutMs(10_000);
            request.topicData().add(data);
            try (RawClient client = new RawClient(cluster.listener.port())) {
                ProduceResponse answer =
                        client.call(ProduceRequest.builder(request).build((short) 9));
                for (PartitionProduceResponse part :
                        answer.data().responses().iterator().next().partitionResponses()) {
                    assertThat(Errors.forCode(part.errorCode())).isEqualTo(Errors.NONE);
                    Model model = models.get(part.index());
                    assertThat(part.baseOffset()).isEqualTo(model.end);
                    for (Kept record : sent.get(part.index())) {
                        model.records.put(model.end++, record);
                    }
                    step("%d has %d records", part.index(), model.end);
                }
            }
        }

        private void deletes() {
            DeleteRecordsTopic asked = new DeleteRecordsTopic().setName(name);
            Map<Integer, Long> offsets = new HashMap<>();
            for (int p = 0; p < SEQUENCES; p++) {
                Model model = models.get(p);
                if (random.nextInt(3) == 0) {
                    long offset = offset(model);
                    step("delete of %d below %d", p, offset);
                    offsets.put(p, offset);
                    asked.partitions()
                            .add(
                                    new DeleteRecordsPartition()
                                            .setPartitionIndex(p)
                                            .setOffset(offset));
                }
            }
            DeleteRecordsRequestData request = new DeleteRecordsRequestData().setTimeoutMs(10_000);
            request.topics().add(asked);
            try (RawClient client = new RawClient(cluster.listener.port())) {
                DeleteRecordsResponse answer =
                        client.call(new DeleteRecordsRequest.Builder(request).build((short) 2));
                for (DeleteRecordsPartitionResult part :
                        answer.data().topics().iterator().next().partitions()) {
                    Model model = models.get(part.partitionIndex());
                    long offset = offsets.get(part.partitionIndex());
                    Errors error = Errors.forCode(part.errorCode());
                    if (offset < -1 || offset > model.end) {
                        assertThat(error).isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
                        continue;
                    }
                    assertThat(error).isEqualTo(Errors.NONE);
                    model.start = Math.max(model.start, offset == -1 ? model.end : offset);
                    follow(part.partitionIndex(), part.lowWatermark());
                }
            }
        }

        private long offset(Model model) {
            return switch (random.nextInt(12)) {
                case 0 -> -1;
                case 1 -> -2 - random.nextInt(5);
                case 2 -> model.end + 1 + random.nextInt(5);
                case 3 -> random.nextLong(model.end + 1);
                default ->
                        Math.min(
                                model.end,
                                model.start
                                        + random.nextLong(
                                                Math.max(1, (model.end - model.start) / 2)));
            };
        }

        /// Retention may have gone further than anybody asked for, where it is on.
        private void follow(int partition, long start) {
            Model model = models.get(partition);
            if (retention && start > model.start) {
                step("retention of %d to %d", partition, start);
                model.start = start;
            }
            assertThat(start).as("log start of %d", partition).isEqualTo(model.start);
        }

        private void trims() {
            for (int p = 0; p < SEQUENCES; p++) {
                if (random.nextBoolean()) {
                    log(p).applyRetention(System.currentTimeMillis() + 60_000);
                    step("trim of %d to %d", p, log(p).localLogStartOffset());
                }
            }
        }

        private void trimAll() throws Exception {
            Eventually.await(
                    PATIENCE,
                    () -> {
                        boolean all = true;
                        for (int p = 0; p < SEQUENCES; p++) {
                            log(p).applyRetention(System.currentTimeMillis() + 60_000);
                            all &= log(p).localLogStartOffset() == models.get(p).end;
                        }
                        return all;
                    });
        }

        /// What happens to all sequences of the world at once.
        private void together() throws Exception {
            switch (random.nextInt(7)) {
                case 0 -> {
                    catalog.away = !catalog.away;
                    step("catalog %s", catalog.away ? "away" : "back");
                }
                case 1 -> {
                    step("broker restarts");
                    cluster.stopBroker();
                    cluster.startBroker();
                    open();
                }
                case 2 -> {
                    step("catalog restarts");
                    catalog.restart();
                }
                case 3 -> {
                    int calls = random.nextInt(SEQUENCES * 2);
                    step("%d answers of the catalog are lost", calls);
                    catalog.lost.set(calls);
                }
                case 4 -> {
                    if (retention) {
                        retain(2_000 + random.nextInt(8_000));
                    }
                }
                default -> {
                    if (!catalog.away) {
                        awaitCold();
                    }
                }
            }
        }

        private void retain(int bytes) throws Exception {
            step("retention.bytes = %d", bytes);
            try (Admin admin = cluster.admin()) {
                admin.incrementalAlterConfigs(
                                Map.of(
                                        new ConfigResource(ConfigResource.Type.TOPIC, name),
                                        List.of(
                                                new AlterConfigOp(
                                                        new ConfigEntry(
                                                                "retention.bytes", "" + bytes),
                                                        AlterConfigOp.OpType.SET))))
                        .all()
                        .get();
            }
        }

        /// After a start logs open on their first use.
        private void open() throws Exception {
            Eventually.await(
                    PATIENCE,
                    () ->
                            list(ListOffsetsRequest.LATEST_TIMESTAMP).values().stream()
                                    .allMatch(part -> part.errorCode() == 0));
        }

        private void awaitCold() throws Exception {
            for (int p = 0; p < SEQUENCES; p++) {
                log(p).roll();
            }
            step("all of it into the table");
            Eventually.await(
                    PATIENCE,
                    () -> {
                        for (int p = 0; p < SEQUENCES; p++) {
                            Model model = models.get(p);
                            ColdState state = cold(p);
                            if (Math.max(state.coldEnd(), state.logStart()) < model.end) {
                                return false;
                            }
                        }
                        return true;
                    });
        }

        private ColdState cold(int partition) {
            return catalog.cold(TableTier.uuid(topic.id()), partition);
        }

        // ---- checks

        /// Everything is in the table, and the table has nothing else.
        private void quiesce() throws Exception {
            awaitCold();
            String[] difference = {""};
            try {
                Eventually.await(
                        PATIENCE,
                        () -> {
                            Map<Integer, NavigableMap<Long, String>> rows = rows();
                            difference[0] = "";
                            for (int p = 0; p < SEQUENCES; p++) {
                                follow(p, logStart(p));
                                NavigableMap<Long, String> wanted = new TreeMap<>();
                                models.get(p).live().forEach((o, k) -> wanted.put(o, k.value()));
                                if (!wanted.equals(rows.getOrDefault(p, new TreeMap<>()))) {
                                    difference[0] +=
                                            "%n%d should have rows of %s and has %s"
                                                    .formatted(
                                                            p,
                                                            wanted.keySet(),
                                                            rows.getOrDefault(p, new TreeMap<>())
                                                                    .keySet());
                                }
                            }
                            return difference[0].isEmpty();
                        });
            } catch (AssertionError e) {
                throw new AssertionError("The table is another than the log:" + difference[0], e);
            }
        }

        private long logStart(int partition) {
            return log(partition).logStartOffset();
        }

        private void check() throws Exception {
            Map<Integer, ListOffsetsPartitionResponse> starts =
                    list(ListOffsetsRequest.EARLIEST_TIMESTAMP);
            starts.forEach((p, part) -> follow(p, part.offset()));
            checkReads();
            checkTimes();
            checkTable();
        }

        /// Kafka's readers, from the log start on, whichever tier the records are in.
        private void checkReads() {
            Map<Integer, Long> next = new TreeMap<>();
            Map<Integer, NavigableMap<Long, String>> read = new HashMap<>();
            for (int p = 0; p < SEQUENCES; p++) {
                next.put(p, models.get(p).start);
                read.put(p, new TreeMap<>());
                if (models.get(p).start > 0) {
                    below(p);
                }
            }
            long until = System.nanoTime() + PATIENCE.toNanos();
            next.entrySet().removeIf(e -> e.getValue() >= models.get(e.getKey()).end);
            while (!next.isEmpty()) {
                assertThat(System.nanoTime()).as("still to read: %s", next).isLessThan(until);
                for (FetchResponseData.PartitionData part : fetch(next)) {
                    take(part, next, read);
                }
            }
            for (int p = 0; p < SEQUENCES; p++) {
                NavigableMap<Long, String> wanted = new TreeMap<>();
                models.get(p).live().forEach((o, k) -> wanted.put(o, k.value()));
                NavigableMap<Long, String> found = read.get(p);
                if (found != null) {
                    assertThat(found.tailMap(models.get(p).start, true))
                            .as("records of %d from %d on", p, models.get(p).start)
                            .isEqualTo(wanted);
                }
            }
        }

        private void take(
                FetchResponseData.PartitionData part,
                Map<Integer, Long> next,
                Map<Integer, NavigableMap<Long, String>> read) {
            int p = part.partitionIndex();
            Errors error = Errors.forCode(part.errorCode());
            if (error == Errors.KAFKA_STORAGE_ERROR && catalog.away) { // C11: not known since start
                next.remove(p);
                read.remove(p);
                return;
            }
            if (error == Errors.OFFSET_OUT_OF_RANGE && retention) {
                follow(p, logStart(p));
                next.computeIfPresent(p, (k, offset) -> Math.max(offset, models.get(p).start));
            } else if (error != Errors.KAFKA_STORAGE_ERROR) { // which is tried again
                assertThat(error).as("reading %d at %d", p, next.get(p)).isEqualTo(Errors.NONE);
            }
            long offset = next.get(p);
            for (RecordBatch batch : ((MemoryRecords) part.records()).batches()) {
                batch.ensureValid();
                assertThat(batch.lastOffset()).isGreaterThanOrEqualTo(offset);
                for (Record record : batch) {
                    if (record.offset() >= offset) {
                        read.get(p).put(record.offset(), text(record.value()));
                    }
                }
                offset = batch.nextOffset();
            }
            next.put(p, offset);
            if (offset >= models.get(p).end) {
                next.remove(p);
            }
        }

        private void below(int partition) {
            long offset = random.nextLong(models.get(partition).start);
            var part = fetch(Map.of(partition, offset)).getFirst();
            assertThat(Errors.forCode(part.errorCode()))
                    .as("reading %d at %d, which is deleted", partition, offset)
                    .isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
        }

        private List<FetchResponseData.PartitionData> fetch(Map<Integer, Long> offsets) {
            Map<TopicPartition, FetchRequest.PartitionData> wanted = new LinkedHashMap<>();
            int most = 200 + random.nextInt(100_000);
            offsets.forEach(
                    (p, offset) ->
                            wanted.put(
                                    new TopicPartition(name, p),
                                    new FetchRequest.PartitionData(
                                            Uuid.ZERO_UUID, offset, 0, most, Optional.empty())));
            try (RawClient client = new RawClient(cluster.listener.port())) {
                FetchResponse answer =
                        client.call(
                                FetchRequest.Builder.forConsumer((short) 12, 100, 1, wanted)
                                        .build((short) 12));
                return answer.data().responses().getFirst().partitions();
            }
        }

        /// C9: a time finds the first live record, in whichever tier.
        private void checkTimes() {
            long time = TIME + random.nextInt(1_000_000_000);
            list(time)
                    .forEach(
                            (p, part) ->
                                    assertFound(
                                            "time " + time,
                                            p,
                                            part,
                                            models.get(p).live().entrySet().stream()
                                                    .filter(e -> e.getValue().timestamp() >= time)
                                                    .map(Map.Entry::getKey)
                                                    .findFirst()
                                                    .orElse(-1L)));
            list(ListOffsetsRequest.MAX_TIMESTAMP)
                    .forEach(
                            (p, part) ->
                                    assertFound(
                                            "newest",
                                            p,
                                            part,
                                            models.get(p).live().entrySet().stream()
                                                    .max(
                                                            Map.Entry.comparingByValue(
                                                                    java.util.Comparator
                                                                            .comparingLong(
                                                                                    Kept
                                                                                            ::timestamp)))
                                                    .map(Map.Entry::getKey)
                                                    .orElse(-1L)));
        }

        private void assertFound(
                String what, int partition, ListOffsetsPartitionResponse part, long wanted) {
            Errors error = Errors.forCode(part.errorCode());
            if (error == Errors.KAFKA_STORAGE_ERROR && (catalog.away || catalog.lost.get() > 0)) {
                return;
            }
            assertThat(error).as("%s of %d", what, partition).isEqualTo(Errors.NONE);
            if (retention && part.offset() != wanted && logStart(partition) > wanted) {
                return; // retention went on meanwhile
            }
            assertThat(part.offset()).as("%s of %d", what, partition).isEqualTo(wanted);
        }

        private Map<Integer, ListOffsetsPartitionResponse> list(long timestamp) {
            ListOffsetsTopic asked = new ListOffsetsTopic().setName(name);
            for (int p = 0; p < SEQUENCES; p++) {
                asked.partitions()
                        .add(
                                new ListOffsetsPartition()
                                        .setPartitionIndex(p)
                                        .setTimestamp(timestamp));
            }
            try (RawClient client = new RawClient(cluster.listener.port())) {
                ListOffsetsResponse answer =
                        client.call(
                                ListOffsetsRequest.Builder.forConsumer(
                                                false,
                                                org.apache.kafka.common.IsolationLevel
                                                        .READ_UNCOMMITTED)
                                        .setTargetTimes(List.of(asked))
                                        .build((short) 7));
                Map<Integer, ListOffsetsPartitionResponse> found = new TreeMap<>();
                answer.topics()
                        .getFirst()
                        .partitions()
                        .forEach(part -> found.put(part.partitionIndex(), part));
                return found;
            }
        }

        /// At any moment: no row twice, none that was not produced, none missing that is live and
        /// cold. What is deleted leaves within the freshness; [#settle] waits for that.
        private void checkTable() throws Exception {
            if (catalog.away) {
                return;
            }
            Map<Integer, Long> cold = new HashMap<>();
            for (int p = 0; p < SEQUENCES; p++) {
                cold.put(p, cold(p).coldEnd());
            }
            Map<Integer, NavigableMap<Long, String>> rows = rows();
            for (int p = 0; p < SEQUENCES; p++) {
                Model model = models.get(p);
                NavigableMap<Long, String> found = rows.getOrDefault(p, new TreeMap<>());
                found.forEach(
                        (offset, value) ->
                                assertThat(value).isEqualTo(model.records.get(offset).value()));
                assertThat(found.keySet())
                        .as("rows of %d from %d on", p, model.start)
                        .containsAll(
                                model.records
                                        .subMap(
                                                Math.min(logStart(p), cold.get(p)),
                                                true,
                                                cold.get(p),
                                                false)
                                        .keySet());
            }
        }

        private Map<Integer, NavigableMap<Long, String>> rows() {
            Map<Integer, NavigableMap<Long, String>> rows = new HashMap<>();
            Optional<Table> table = catalog.table(name.replace('-', '_'));
            if (table.isEmpty()) {
                return rows;
            }
            try (var all = IcebergGenerics.read(table.get()).build()) {
                for (var row : all) {
                    String before =
                            rows.computeIfAbsent(
                                            (Integer) row.getField("_kafka_partition"),
                                            k -> new TreeMap<>())
                                    .put(
                                            (Long) row.getField("_kafka_offset"),
                                            text((ByteBuffer) row.getField("_kafka_value_raw")));
                    assertThat(before).as("row twice: %s", row).isNull();
                }
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            return rows;
        }

        private static String text(ByteBuffer value) {
            return StandardCharsets.UTF_8.decode(value.duplicate()).toString();
        }
    }
}
