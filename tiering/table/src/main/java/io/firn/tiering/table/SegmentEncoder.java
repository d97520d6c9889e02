package io.firn.tiering.table;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import io.firn.schema.ColumnBuffer;
import io.firn.tiering.table.batch.LargeBatches;
import io.firn.tiering.table.column.Layout;
import io.firn.tiering.table.column.SchemaLookup;
import io.firn.tiering.table.column.TableColumns;
import io.firn.tiering.table.column.TableShape;
import io.firn.tiering.table.column.TopicTableSchema;
import io.firn.tiering.table.file.EncodedFile;
import io.firn.tiering.table.file.SeekIndex;
import io.firn.tiering.table.file.SeekIndexJson;
import io.firn.tiering.table.parquet.RowGroupWriter;
import io.firn.tiering.table.row.RecordRows;
import io.firn.tiering.table.row.ValueShredders;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes ranges of one or more partitions as one Parquet file of the topic's table. Every batch is
/// rebuilt from its rows and compared before it counts as written; what is not the same stays whole
/// beside its rows (C15, C19).
public final class SegmentEncoder {
    private SegmentEncoder() {}

    /// Encodes all inputs, each in row groups of its own. One thread per call; nothing is shared
    /// between calls.
    ///
    /// @param out the file to make; a file that is there already is an error, and a failed one is
    ///     removed
    /// @throws CorruptFileException when a batch is cut off, out of order, or has a wrong CRC
    public static EncodedFile encode(
            TableShape shape, List<SegmentInput> inputs, SchemaLookup schemas, Path out) {
        TableColumns columns = new TableColumns(shape.icebergSchemaJson());
        ValueShredders shredders = new ValueShredders(columns, shape.mappingJson(), schemas);
        try (RowGroupWriter file = new RowGroupWriter(columns, out)) {
            return encode(shape, inputs, columns, shredders, file, out);
        } catch (IOException e) {
            delete(out);
            throw new UncheckedIOException("Cannot write data file " + out, e);
        } catch (RuntimeException e) {
            delete(out);
            throw e;
        }
    }

    private static EncodedFile encode(
            TableShape shape,
            List<SegmentInput> inputs,
            TableColumns columns,
            ValueShredders shredders,
            RowGroupWriter file,
            Path out)
            throws IOException {
        ColumnBuffer[] buffers = columns.layout.buffers();
        RecordRows rows =
                new RecordRows(columns, buffers, shredders, shape.layout() == Layout.COMPACT);
        LargeBatches large = new LargeBatches();
        List<EncodedFile.EncodedSegment> segments = new ArrayList<>();
        List<Long> splits = new ArrayList<>();
        ArrayNode index = SeekIndexJson.JSON.createArrayNode();
        for (SegmentInput input : inputs) {
            long typed = rows.typedValues();
            long raw = rows.rawValues();
            SegmentWriter writer = new SegmentWriter(input, columns, file, buffers, rows, large);
            List<SeekIndex.RowGroup> groups = writer.write();
            SeekIndex seek =
                    new SeekIndex(shape.icebergSchemaJson(), shredders.usedMapping(), groups);
            groups.stream()
                    .filter(group -> group.rows() > 0)
                    .forEach(group -> splits.add(group.position()));
            EncodedFile.EncodedSegment segment =
                    writer.result(
                            seek.toJson(), rows.typedValues() - typed, rows.rawValues() - raw);
            segments.add(segment);
            index.add(footerEntry(input, segment, seek));
        }
        file.finish(footer(shape, shredders, index));
        return new EncodedFile(
                out,
                file.size(),
                file.crc32c(),
                file.rows(),
                shape.specId(),
                file.metrics(splits),
                shredders.unmapped(),
                List.copyOf(segments));
    }

    /// What the cold index can be rebuilt from when Postgres is lost (C16).
    private static Map<String, String> footer(
            TableShape shape, ValueShredders shredders, ArrayNode segments) {
        Map<String, String> footer = new LinkedHashMap<>();
        footer.put("firn.format", Integer.toString(TopicTableSchema.FORMAT));
        footer.put("firn.layout", shape.layout().label());
        footer.put("firn.segments", segments.toString());
        footer.put("firn.schemas", shredders.usedTexts());
        if (!shredders.usedMapping().isEmpty()) {
            footer.put("firn.mapping", shredders.usedMapping());
        }
        footer.put("iceberg.schema", shape.icebergSchemaJson());
        return footer;
    }

    private static ObjectNode footerEntry(
            SegmentInput input, EncodedFile.EncodedSegment segment, SeekIndex seek) {
        ObjectNode entry = SeekIndexJson.JSON.createObjectNode();
        entry.put("uuid", input.segmentUuid().toString());
        entry.put("topicId", input.topicId().toString());
        entry.put("partition", input.partition());
        entry.put("start", input.start());
        entry.put("end", input.end());
        entry.put("leaderEpoch", input.leaderEpoch());
        entry.put("maxTimestamp", segment.maxTimestamp());
        entry.put("digest", HexFormat.of().formatHex(segment.contentDigest()));
        entry.put("batches", segment.counts().batches());
        entry.put("opaque", segment.counts().opaqueBatches());
        entry.put("records", segment.counts().records());
        entry.put("typed", segment.counts().typedValues());
        entry.put("raw", segment.counts().rawValues());
        entry.put("recordBytes", segment.counts().recordBytes());
        entry.set("epochs", parsed(input.epochLineageJson()));
        entry.set("aborted", parsed(input.abortIndexJson()));
        entry.set("groups", SeekIndexJson.groups(seek.groups()));
        return entry;
    }

    private static com.fasterxml.jackson.databind.JsonNode parsed(String json) {
        return json.isBlank() ? SeekIndexJson.JSON.createArrayNode() : SeekIndexJson.read(json);
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It is left for the sweep of the work folder; the first error matters more.
        }
    }
}
