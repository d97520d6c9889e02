package io.firn.log.journal;

/// Where groups go: two halves that are used in turn. A group never crosses a half (L10).
///
/// @param bytes of the whole file
public record Ring(long bytes) {
    public long halfBytes() {
        return (bytes - JournalFormat.DATA_START) / 2 / JournalFormat.BLOCK * JournalFormat.BLOCK;
    }

    public long start(int half) {
        return JournalFormat.DATA_START + half * halfBytes();
    }

    long end(int half) {
        return start(half) + halfBytes();
    }

    int half(long position) {
        return position < start(1) ? 0 : 1;
    }

    /// The largest group, padded (L10).
    public int maxGroup() {
        return (int) Math.min(1 << 30, bytes / 8 / JournalFormat.BLOCK * JournalFormat.BLOCK);
    }
}
