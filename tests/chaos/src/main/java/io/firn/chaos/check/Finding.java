package io.firn.chaos.check;

/// Something that must not be.
///
/// @param source which read showed it: `mixed`, `hot`, `cold`, `table`, or `sends`
/// @param offset where, or -1
/// @param value whose, or -1
public record Finding(
        Kind kind, String source, int partition, long offset, long value, String message) {
    /// The rules of RULES §7 that have a meaning without transactions.
    public enum Kind {
        /// J3, J4: acknowledged, and not there.
        LOST,
        /// J7: an offset below the end that has no record.
        GAP,
        /// J1: one value at two offsets, or one offset twice in a read.
        DUPLICATE,
        /// J8: offsets that do not rise within a read.
        REORDERED,
        /// J13: a client's later send before its earlier one.
        OVERTAKEN,
        /// J2, J17: two reads that disagree about an offset.
        INCONSISTENT,
        /// Acknowledged at one offset, there at another.
        WRONG_OFFSET,
        /// J5: a value that was refused, or that nobody sent.
        PHANTOM,
        /// A batch of which a part is there, or a record with other content than was sent.
        TORN,
        /// J14: acknowledged at an offset below one that was known before the send began.
        STALE_ACK
    }

    @Override
    public String toString() {
        return "%s in %s, partition %d, offset %d, value %x: %s"
                .formatted(kind, source, partition, offset, value, message);
    }
}
