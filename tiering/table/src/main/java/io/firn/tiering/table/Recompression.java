package io.firn.tiering.table;

/// What codec rebuilt batches are delivered in. Batches that were kept whole keep their own.
public enum Recompression {
    NONE,
    LZ4,
    ZSTD
}
