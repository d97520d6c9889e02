package io.firn.benchmarks.client;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;

/// How a batch is compressed.
public enum Codec {
    NONE(CompressionType.NONE),
    LZ4(CompressionType.LZ4),
    ZSTD(CompressionType.ZSTD);

    private final CompressionType type;

    Codec(CompressionType type) {
        this.type = type;
    }

    /// As in `compression.type`.
    public String key() {
        return type.name;
    }

    Compression compression() {
        return Compression.of(type).build();
    }
}
