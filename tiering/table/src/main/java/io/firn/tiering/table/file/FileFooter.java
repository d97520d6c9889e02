package io.firn.tiering.table.file;

import com.fasterxml.jackson.databind.JsonNode;

import io.firn.tiering.table.column.Layout;
import io.firn.tiering.table.column.SchemaLookup;
import io.firn.tiering.table.column.TopicTableSchema;

import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.Util;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// What a data file says of itself: enough to rebuild the cold index without Postgres (C16).
///
/// @param schemas writer schema texts by registry id
public record FileFooter(
        int format,
        Layout layout,
        long rows,
        Map<Integer, String> schemas,
        List<Segment> segments) {
    private static final int TAIL = 8;
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

    /// One segment in the file.
    public record Segment(
            UUID segmentUuid,
            UUID topicId,
            int partition,
            long start,
            long end,
            int leaderEpoch,
            long maxTimestamp,
            byte[] contentDigest,
            EncodedFile.Counts counts,
            String epochLineageJson,
            String abortIndexJson,
            SeekIndex seekIndex) {}

    /// The registry as the file remembers it.
    public SchemaLookup schemaLookup() {
        return id -> java.util.Optional.ofNullable(schemas.get(id));
    }

    /// Reads the footer: two ranged GETs.
    ///
    /// @throws CorruptFileException when the file is not one that Firn wrote
    public static FileFooter read(RangeReader file) {
        if (file.size() < TAIL + MAGIC.length) {
            throw new CorruptFileException(
                    "Cannot read a data file of %d bytes: it is no Parquet file"
                            .formatted(file.size()));
        }
        ByteBuffer tail = file.read(file.size() - TAIL, TAIL).order(ByteOrder.LITTLE_ENDIAN);
        int length = tail.getInt();
        byte[] magic = new byte[MAGIC.length];
        tail.get(magic);
        if (!java.util.Arrays.equals(magic, MAGIC) || length <= 0 || length > file.size() - TAIL) {
            throw new CorruptFileException(
                    "Cannot read a data file: it does not end as a Parquet file does");
        }
        byte[] bytes = new byte[length];
        file.read(file.size() - TAIL - length, length).get(bytes);
        try {
            FileMetaData metaData = Util.readFileMetaData(new ByteArrayInputStream(bytes));
            Map<String, String> values = new LinkedHashMap<>();
            if (metaData.isSetKey_value_metadata()) {
                for (KeyValue entry : metaData.getKey_value_metadata()) {
                    values.put(entry.getKey(), entry.getValue());
                }
            }
            return of(metaData.getNum_rows(), values);
        } catch (CorruptFileException e) {
            throw e;
        } catch (IOException | RuntimeException e) { // any object may stand where a file should
            throw new CorruptFileException(
                    "Cannot read a data file's footer: " + e.getMessage(), e);
        }
    }

    private static FileFooter of(long rows, Map<String, String> values) {
        String format = values.get("firn.format");
        if (format == null || Integer.parseInt(format) != TopicTableSchema.FORMAT) {
            throw new CorruptFileException(
                    "Cannot read a data file: firn.format in its footer is %s, and this Firn reads %d. Read it with the Firn that wrote it."
                            .formatted(format, TopicTableSchema.FORMAT));
        }
        Map<Integer, String> schemas = new LinkedHashMap<>();
        SeekIndexJson.read(values.getOrDefault("firn.schemas", "{}"))
                .properties()
                .forEach(
                        entry ->
                                schemas.put(
                                        Integer.parseInt(entry.getKey()),
                                        entry.getValue().asText()));
        String tableSchema = values.getOrDefault("iceberg.schema", "");
        String mapping = values.getOrDefault("firn.mapping", "");
        List<Segment> segments = new ArrayList<>();
        for (JsonNode entry : SeekIndexJson.read(values.getOrDefault("firn.segments", "[]"))) {
            segments.add(segment(entry, tableSchema, mapping));
        }
        return new FileFooter(
                Integer.parseInt(format),
                Layout.of(values.getOrDefault("firn.layout", "raw")),
                rows,
                Map.copyOf(schemas),
                List.copyOf(segments));
    }

    private static Segment segment(JsonNode entry, String tableSchema, String mapping) {
        return new Segment(
                UUID.fromString(entry.path("uuid").asText()),
                UUID.fromString(entry.path("topicId").asText()),
                entry.path("partition").asInt(),
                entry.path("start").asLong(),
                entry.path("end").asLong(),
                entry.path("leaderEpoch").asInt(),
                entry.path("maxTimestamp").asLong(),
                HexFormat.of().parseHex(entry.path("digest").asText()),
                new EncodedFile.Counts(
                        entry.path("batches").asLong(),
                        entry.path("opaque").asLong(),
                        entry.path("records").asLong(),
                        entry.path("typed").asLong(),
                        entry.path("raw").asLong(),
                        entry.path("recordBytes").asLong()),
                entry.path("epochs").toString(),
                entry.path("aborted").toString(),
                new SeekIndex(tableSchema, mapping, SeekIndexJson.groups(entry.path("groups"))));
    }
}
