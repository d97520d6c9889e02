package io.firn.tiering.table;

import java.nio.ByteBuffer;
import java.util.UUID;

/// One partition's range of offsets to be written.
///
/// @param start first offset of the range `[start, end)`
/// @param batches the record batches in offset order; each buffer's remaining bytes hold one or
///     more whole batches and are read before the next buffer is asked for
/// @param epochLineageJson leader epochs of the range, kept in the footer as it is; `[]` when
///     unknown
/// @param abortIndexJson array of `{"producerId":p,"firstOffset":f,"lastOffset":l}` (`pid` is
///     understood too): batches of these transactions never become rows
public record SegmentInput(
        UUID segmentUuid,
        UUID topicId,
        int partition,
        long start,
        long end,
        int leaderEpoch,
        Iterable<ByteBuffer> batches,
        String epochLineageJson,
        String abortIndexJson) {}
