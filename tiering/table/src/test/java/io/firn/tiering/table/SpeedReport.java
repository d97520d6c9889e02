package io.firn.tiering.table;

import io.firn.tiering.table.column.Layout;
import io.firn.tiering.table.column.SchemaLookup;
import io.firn.tiering.table.column.TableShape;
import io.firn.tiering.table.column.TopicTableSchema;
import io.firn.tiering.table.file.EncodedFile;
import io.firn.tiering.table.file.SeekIndex;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.EncoderFactory;
import org.apache.iceberg.SchemaParser;
import org.apache.kafka.common.compress.Compression;

import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// Prints encode and decode figures of one core, in MB of uncompressed record bytes per CPU second.
/// Run by hand: `mvn -pl tiering/table test-compile exec:java -Dexec.classpathScope=test
/// -Dexec.mainClass=…SpeedReport`.
final class SpeedReport {
    private static final Schema ORDER =
            new Schema.Parser()
                    .parse(
                            """
                            {"type":"record","name":"Order","fields":[
                              {"name":"id","type":"long"},{"name":"customer","type":{"type":"string","logicalType":"uuid"}},
                              {"name":"city","type":"string"},{"name":"country","type":"string"},
                              {"name":"status","type":{"type":"enum","name":"S","symbols":["NEW","PAID","SENT"]}},
                              {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
                              {"name":"amount","type":["null","double"]},{"name":"note","type":["null","string"]},
                              {"name":"session","type":"string"},{"name":"discount","type":"int"},
                              {"name":"lines","type":{"type":"array","items":{"type":"record","name":"Line","fields":[
                                 {"name":"sku","type":"string"},{"name":"qty","type":"int"},{"name":"price","type":"double"},
                                 {"name":"gift","type":"boolean"}]}}}]}
                            """);
    private static final String[] WORDS =
            "the quick brown fox jumps over a lazy dog while nobody looks at it".split(" ");

    private SpeedReport() {}

    public static void main(String[] args) throws Exception {
        ((ch.qos.logback.classic.Logger) org.slf4j.LoggerFactory.getLogger("ROOT"))
                .setLevel(ch.qos.logback.classic.Level.WARN);
        for (Compression codec : new Compression[] {Compression.zstd().build(), Compression.NONE}) {
            List<ByteBuffer> batches = batches(new Random(1), codec, 64 << 20);
            var evolved =
                    TopicTableSchema.evolve(TopicTableSchema.base(), "", 42, ORDER.toString());
            TableShape typed =
                    new TableShape(
                            SchemaParser.toJson(evolved.schema()),
                            evolved.mappingJson(),
                            Layout.COMPACT,
                            0);
            run("typed from " + codec.type(), typed, batches);
            run("raw   from " + codec.type(), TableShape.EMPTY_RAW, batches);
        }
    }

    private static void run(String name, TableShape shape, List<ByteBuffer> batches)
            throws Exception {
        SchemaLookup registry = id -> Optional.of(ORDER.toString());
        Path file = Files.createTempFile("speed", ".parquet");
        long wire = batches.stream().mapToLong(ByteBuffer::remaining).sum();
        for (int round = 0; round < 6; round++) {
            long before = cpu();
            long garbage = allocated();
            EncodedFile encoded =
                    SegmentEncoder.encode(
                            shape, List.of(ExactnessTest.input(0, batches, "")), registry, file);
            long encode = cpu() - before;
            garbage = allocated() - garbage;
            var segment = encoded.segments().getFirst();
            double mb = segment.counts().recordBytes() / 1e6;
            SeekIndex index = SeekIndex.parse(segment.seekIndexJson());
            SegmentDecoder decoder = new SegmentDecoder(registry, Recompression.NONE);
            before = cpu();
            long decodedBytes = 0;
            for (int i = 0; i < index.groups().size(); i++) {
                decodedBytes +=
                        decoder.decode(ExactnessTest.group(file, index, i), index, i)
                                .bytes()
                                .remaining();
            }
            long decode = cpu() - before;
            System.out.printf(
                    "%s: %.0f MB records, wire %.1f MB, file %.1f MB, %d groups; encode %.0f MB/s (garbage %.0f MB), decode %.0f MB/s of %.0f MB%n",
                    name,
                    mb,
                    wire / 1e6,
                    encoded.size() / 1e6,
                    index.groups().size(),
                    mb / (encode / 1e9),
                    garbage / 1e6,
                    mb / (decode / 1e9),
                    decodedBytes / 1e6);
        }
        Files.delete(file);
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }

    private static List<ByteBuffer> batches(Random random, Compression codec, int bytes)
            throws Exception {
        List<ByteBuffer> batches = new ArrayList<>();
        long offset = 0;
        for (long written = 0; written < bytes; ) {
            List<Batches.Rec> records = new ArrayList<>();
            for (int size = 0; size < 64 << 10; ) {
                byte[] value = order(random);
                records.add(
                        new Batches.Rec(
                                1_700_000_000_000L + offset,
                                Batches.bytes("customer-" + random.nextInt(10_000)),
                                value,
                                Batches.header(
                                        "trace",
                                        Batches.bytes(Long.toHexString(random.nextLong())))));
                size += value.length + 40;
                written += value.length + 40;
            }
            batches.add(Batches.batch(offset, codec, records.toArray(Batches.Rec[]::new)));
            offset += records.size();
        }
        return batches;
    }

    private static byte[] order(Random random) throws Exception {
        GenericRecord order = new GenericData.Record(ORDER);
        order.put("id", random.nextLong());
        order.put("customer", new java.util.UUID(random.nextLong(), random.nextLong()).toString());
        order.put("city", "city" + random.nextInt(500));
        order.put("country", "C" + random.nextInt(40));
        order.put("status", new GenericData.EnumSymbol(ORDER.getField("status").schema(), "PAID"));
        order.put("at", 1_700_000_000_000L + random.nextInt(1_000_000));
        order.put("amount", random.nextInt(100_000) / 100.0);
        StringBuilder note = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            note.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
        }
        order.put("note", note.toString());
        order.put(
                "session",
                Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong()));
        order.put("discount", random.nextInt(20));
        List<GenericRecord> lines = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            GenericRecord line =
                    new GenericData.Record(ORDER.getField("lines").schema().getElementType());
            line.put("sku", "sku-" + random.nextInt(3000));
            line.put("qty", 1 + random.nextInt(9));
            line.put("price", random.nextInt(10_000) / 100.0);
            line.put("gift", random.nextBoolean());
            lines.add(line);
        }
        order.put("lines", lines);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0, 0, 0, 0, 42});
        var encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(ORDER).write(order, encoder);
        encoder.flush();
        return out.toByteArray();
    }
}
