package io.firn.tiering.table.file;

/// How often a flaw was met in a segment.
///
/// @param firstOffset of the first record that has it, or base offset of the first batch
public record FlawCount(Flaw flaw, long count, long firstOffset) {}
