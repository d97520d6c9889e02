package io.firn.log;

/// A leader epoch and the offset of its first record.
public record EpochEntry(int epoch, long startOffset) {}
