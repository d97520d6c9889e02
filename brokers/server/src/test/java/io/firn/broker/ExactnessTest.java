package io.firn.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.broker.cold.TableTier;
import io.firn.broker.cold.Tables;
import io.firn.catalog.client.SchemaText;
import io.firn.controller.image.TopicState;
import io.firn.log.PartitionLog;
import io.firn.objectstore.InMemoryObjectStore;
import io.firn.objectstore.ObjectInfo;
import io.firn.tiering.table.column.TopicTableSchema;

import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.parquet.GenericParquetReaders;
import org.apache.iceberg.parquet.Parquet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// C15: hot read = cold read = table rows, record for record, and batch headers identical.
class ExactnessTest {
    private static final MemoryCatalog CATALOG = new MemoryCatalog();
    private static final InMemoryObjectStore STORE = new InMemoryObjectStore();
    private static final short BY_NAME = 12; // the last version of Fetch that names topics
    private static final int FETCH_BYTES = 300_000;
    private static final int SEGMENT_BYTES = 1 << 20;
    private static TestCluster cluster;
    private static Admin admin;
    @TempDir static Path dir;

    @BeforeAll
    static void start() {
        CATALOG.schemas.put(
                GeneratedLog.SCHEMA_ID,
                new SchemaText(
                        GeneratedLog.SCHEMA_ID, "AVRO", GeneratedLog.ORDER.toString(), List.of()));
        cluster =
                new TestCluster(dir, Optional.of(new Tables(CATALOG, STORE, dir.resolve("spool"))));
        admin = cluster.admin();
    }

    @AfterAll
    static void stop() {
        admin.close();
        cluster.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"compact-1", "compact-2", "compact-3", "raw-4"})
    void whatTheLogTookComesBackHotColdAndAsRows(String name) throws Exception {
        String layout = name.substring(0, name.indexOf('-'));
        GeneratedLog given = new GeneratedLog(name.hashCode(), 250);
        CATALOG.away = true; // nothing moves to the table before it was read hot
        TopicState topic = create(name, layout);
        PartitionLog log = append(topic, given);

        List<MutableRecordBatch> hot = fetch(name, given.end());
        List<String> hotCommitted = committed(name, given.end());
        assertThat(bytes(hot)).isEqualTo(bytes(flat(given.batches())));

        CATALOG.away = false;
        Eventually.await(
                Duration.ofSeconds(30),
                () -> CATALOG.coldState(TableTier.uuid(topic.id()), 0).coldEnd() == given.end());
        Eventually.await(
                Duration.ofSeconds(20),
                () -> {
                    log.applyRetention(System.currentTimeMillis() + 60_000);
                    return log.localLogStartOffset() == given.end();
                });
        List<MutableRecordBatch> cold = fetch(name, given.end());

        assertSameBatches(hot, cold);
        assertThat(committed(name, given.end())).isEqualTo(hotCommitted);
        assertRows(topic, layout, given, hot);
    }

    private static TopicState create(String topic, String layout) throws Exception {
        admin.createTopics(
                        List.of(
                                new NewTopic(topic, 1, (short) 1)
                                        .configs(
                                                Map.of(
                                                        "firn.table.layout", layout,
                                                        "firn.table.freshness.ms", "1000",
                                                        "segment.bytes", "" + SEGMENT_BYTES,
                                                        "retention.ms", "-1",
                                                        "local.retention.ms", "0",
                                                        "file.delete.delay.ms", "0"))))
                .all()
                .get();
        cluster.follower.await(
                image -> image.topic("public." + topic).isPresent(), Duration.ofSeconds(10));
        TopicPartition partition = new TopicPartition(topic, 0);
        admin.listOffsets(Map.of(partition, OffsetSpec.latest())).all().get(); // opens the log
        return cluster.follower.image().topic("public." + topic).orElseThrow();
    }

    private static PartitionLog append(TopicState topic, GeneratedLog given) {
        PartitionLog log =
                cluster.broker
                        .hotLog()
                        .opened(
                                new TopicIdPartition(
                                        topic.id(), new TopicPartition(topic.name(), 0)))
                        .orElseThrow();
        for (MemoryRecords batch : given.batches()) {
            assertThat(log.appendReplicated(batch, given.leaderEpoch()).join().error())
                    .isEqualTo(Errors.NONE);
        }
        assertThat(log.highWatermark()).isEqualTo(given.end());
        assertThat(log.lastStableOffset()).isEqualTo(given.end());
        return log;
    }

    /// Everything from the log start on, by Fetch requests of a bounded size.
    private static List<MutableRecordBatch> fetch(String topic, long end) {
        List<MutableRecordBatch> all = new ArrayList<>();
        TopicPartition partition = new TopicPartition(topic, 0);
        long offset = 0;
        try (RawClient client = new RawClient(cluster.listener.port())) {
            while (offset < end) {
                FetchResponse response =
                        client.call(
                                FetchRequest.Builder.forConsumer(
                                                BY_NAME,
                                                500,
                                                1,
                                                Map.of(
                                                        partition,
                                                        new FetchRequest.PartitionData(
                                                                Uuid.ZERO_UUID,
                                                                offset,
                                                                0,
                                                                FETCH_BYTES,
                                                                Optional.empty())))
                                        .build(BY_NAME));
                var data = response.data().responses().getFirst().partitions().getFirst();
                assertThat(Errors.forCode(data.errorCode())).isEqualTo(Errors.NONE);
                assertThat(data.highWatermark()).isEqualTo(end);
                int before = all.size();
                for (MutableRecordBatch batch : ((MemoryRecords) data.records()).batches()) {
                    batch.ensureValid();
                    all.add(batch);
                    offset = batch.nextOffset();
                }
                assertThat(all.size()).as("batches at offset %d", offset).isGreaterThan(before);
            }
        }
        return all;
    }

    /// What Kafka's consumer returns of committed transactions and of plain records.
    private static List<String> committed(String topic, long end) {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<String> got = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                cluster.consumer(Map.of("isolation.level", "read_committed"))) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, 0);
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (consumer.position(partition) < end && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(r -> got.add(r.offset() + " " + r.timestamp()));
            }
            assertThat(consumer.position(partition)).isEqualTo(end);
        }
        return got;
    }

    private static List<MutableRecordBatch> flat(List<MemoryRecords> all) {
        List<MutableRecordBatch> batches = new ArrayList<>();
        all.forEach(records -> records.batches().forEach(batches::add));
        return batches;
    }

    private static List<ByteBuffer> bytes(List<MutableRecordBatch> batches) {
        return batches.stream().map(ExactnessTest::bytes).toList();
    }

    private static ByteBuffer bytes(MutableRecordBatch batch) {
        ByteBuffer out = ByteBuffer.allocate(batch.sizeInBytes());
        batch.writeTo(out);
        return out.flip();
    }

    private static void assertSameBatches(
            List<MutableRecordBatch> hot, List<MutableRecordBatch> cold) {
        assertThat(cold).hasSameSizeAs(hot);
        for (int i = 0; i < hot.size(); i++) {
            MutableRecordBatch a = hot.get(i);
            MutableRecordBatch b = cold.get(i);
            assertThat(header(b)).as("header %d", i).isEqualTo(header(a));
            if (a.compressionType() == b.compressionType()
                    && a.compressionType()
                            == org.apache.kafka.common.record.internal.CompressionType.NONE) {
                assertThat(bytes(b)).as("uncompressed batch %d", i).isEqualTo(bytes(a));
            }
            List<Record> was = records(a);
            List<Record> is = records(b);
            assertThat(is).as("count in batch %d", i).hasSameSizeAs(was);
            for (int r = 0; r < was.size(); r++) {
                assertThat(is.get(r).sequence()).isEqualTo(was.get(r).sequence());
                assertThat(is.get(r).offset()).isEqualTo(was.get(r).offset());
                assertThat(is.get(r).timestamp()).isEqualTo(was.get(r).timestamp());
                assertThat(is.get(r).key()).isEqualTo(was.get(r).key());
                assertThat(is.get(r).value()).isEqualTo(was.get(r).value());
                assertThat(is.get(r).headers()).isEqualTo(was.get(r).headers());
            }
        }
    }

    /// All of a batch's header but its size, CRC and codec, which rebuilding may change.
    private static List<Object> header(MutableRecordBatch batch) {
        ByteBuffer bytes = bytes(batch);
        return List.of(
                batch.baseOffset(),
                batch.lastOffset(),
                batch.partitionLeaderEpoch(),
                batch.magic(),
                bytes.getShort(21) & ~7, // attributes without the codec
                bytes.getLong(27), // base timestamp
                batch.maxTimestamp(),
                batch.timestampType(),
                batch.isTransactional(),
                batch.isControlBatch(),
                batch.producerId(),
                batch.producerEpoch(),
                batch.baseSequence(),
                batch.lastSequence(),
                bytes.getInt(57)); // count
    }

    private static List<Record> records(MutableRecordBatch batch) {
        List<Record> records = new ArrayList<>();
        batch.forEach(records::add);
        return records;
    }

    private static void assertRows(
            TopicState topic, String layout, GeneratedLog given, List<MutableRecordBatch> hot)
            throws Exception {
        List<Record> expected = new ArrayList<>();
        List<Integer> epochs = new ArrayList<>();
        IntStream.range(0, hot.size())
                .filter(i -> !hot.get(i).isControlBatch() && !given.isAborted(i))
                .forEach(
                        i ->
                                hot.get(i)
                                        .forEach(
                                                record -> {
                                                    expected.add(record);
                                                    epochs.add(hot.get(i).partitionLeaderEpoch());
                                                }));
        List<org.apache.iceberg.data.Record> rows = rows(topic);
        assertThat(rows).hasSameSizeAs(expected);
        Set<Integer> kinds = new HashSet<>();
        for (int i = 0; i < rows.size(); i++) {
            var row = rows.get(i);
            Record record = expected.get(i);
            assertThat(row.getField("_kafka_partition")).isEqualTo(0);
            assertThat(row.getField("_kafka_offset")).isEqualTo(record.offset());
            assertThat(row.getField("_kafka_leader_epoch")).isEqualTo(epochs.get(i));
            assertThat(
                            ((OffsetDateTime) row.getField("_kafka_timestamp"))
                                    .toInstant()
                                    .toEpochMilli())
                    .isEqualTo(record.timestamp());
            assertThat(row.getField("_kafka_key")).isEqualTo(record.key());
            assertThat(headers((List<?>) row.getField("_kafka_headers")))
                    .isEqualTo(List.of(record.headers()));
            int kind = (int) row.getField("_kafka_value_kind");
            kinds.add(kind);
            switch (kind) {
                case 0 -> assertThat(record.hasValue()).isFalse();
                case 1, 5 -> {
                    assertTyped(row, record.value());
                    assertThat(row.getField("_kafka_value_raw")).isNull();
                }
                case 4 -> { // one byte too many
                    assertTyped(row, record.value());
                    assertThat(row.getField("_kafka_value_raw")).isEqualTo(record.value());
                }
                default -> assertThat(row.getField("_kafka_value_raw")).isEqualTo(record.value());
            }
        }
        assertThat(kinds).isEqualTo(layout.equals("raw") ? Set.of(0, 2) : Set.of(0, 1, 2, 4, 5));
    }

    private static List<org.apache.iceberg.data.Record> rows(TopicState topic) throws Exception {
        Schema schema =
                TopicTableSchema.evolve(
                                TopicTableSchema.base(),
                                "",
                                GeneratedLog.SCHEMA_ID,
                                GeneratedLog.ORDER.toString())
                        .schema();
        List<org.apache.iceberg.data.Record> rows = new ArrayList<>();
        String id = TableTier.uuid(topic.id()).toString();
        List<ObjectInfo> objects = STORE.list("").filter(o -> o.key().name().contains(id)).toList();
        for (ObjectInfo object : objects) {
            Path file = Files.createTempFile(dir, "rows", ".parquet");
            Files.write(file, STORE.read(object.key()));
            try (var reader =
                    Parquet.read(org.apache.iceberg.Files.localInput(file.toFile()))
                            .project(schema)
                            .createReaderFunc(
                                    type -> GenericParquetReaders.buildReader(schema, type))
                            .<org.apache.iceberg.data.Record>build()) {
                reader.forEach(row -> rows.add(row.copy()));
            }
        }
        rows.sort(Comparator.comparing(row -> (Long) row.getField("_kafka_offset")));
        return rows;
    }

    private static List<Header> headers(List<?> structs) {
        List<Header> headers = new ArrayList<>();
        for (Object struct : structs) {
            var header = (org.apache.iceberg.data.Record) struct;
            ByteBuffer value = (ByteBuffer) header.getField("value");
            byte[] copy = value == null ? null : new byte[value.remaining()];
            if (copy != null) {
                value.duplicate().get(copy);
            }
            headers.add(
                    new org.apache.kafka.common.header.internals.RecordHeader(
                            (String) header.getField("key"), copy));
        }
        return headers;
    }

    private static void assertTyped(org.apache.iceberg.data.Record row, ByteBuffer value)
            throws Exception {
        byte[] all = new byte[value.remaining()];
        value.duplicate().get(all);
        GenericRecord order =
                new GenericDatumReader<GenericRecord>(GeneratedLog.ORDER)
                        .read(
                                null,
                                DecoderFactory.get().binaryDecoder(all, 5, all.length - 5, null));
        assertThat(row.getField("_kafka_schema_id")).isEqualTo(GeneratedLog.SCHEMA_ID);
        assertThat(row.getField("id")).isEqualTo(order.get("id"));
        assertThat(row.getField("city")).isEqualTo(order.get("city").toString());
        assertThat(row.getField("amount")).isEqualTo(order.get("amount"));
        assertThat(row.getField("tags").toString()).isEqualTo(order.get("tags").toString());
        Map<String, Object> attrs = new java.util.HashMap<>();
        ((Map<?, ?>) order.get("attrs")).forEach((k, v) -> attrs.put(k.toString(), v));
        assertThat(row.getField("attrs")).isEqualTo(attrs);
    }
}
