package io.firn.tiering.table;

import java.nio.file.Path;
import java.util.List;

/// Writes ranges of one or more partitions as one Parquet file of the topic's table.
public final class SegmentEncoder {
    private SegmentEncoder() {}

    public static EncodedFile encode(
            TableShape shape, List<SegmentInput> inputs, SchemaLookup schemas, Path out) {
        throw new UnsupportedOperationException("Cannot encode yet");
    }
}
