package io.firn.tiering.table;

/// Rebuilds record batches from the row groups of a data file.
public final class SegmentDecoder {
    private SegmentDecoder() {}

    public static DecodedBatches decode(
            RangeReader file,
            SeekIndex index,
            int rowGroup,
            SchemaLookup schemas,
            Recompression wire) {
        throw new UnsupportedOperationException("Cannot decode yet");
    }
}
