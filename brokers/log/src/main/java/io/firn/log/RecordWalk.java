package io.firn.log;

import org.apache.kafka.common.record.internal.DefaultRecordBatch;

import java.nio.ByteBuffer;

/// Walks the records of one uncompressed batch where they lie, and makes no object of them: what
/// Kafka's iterator checks in each (its length, its fields within it, no byte left over).
///
/// Any byte may be a lie: whatever cannot be is a [LieException]. Confined to one thread.
final class RecordWalk {
    /// The bytes are no records.
    static final class LieException extends RuntimeException {
        LieException(String message) {
            super(message, null, false, false);
        }
    }

    private static final int LAST_SHIFT_OF_INT = 28;
    private static final int LAST_SHIFT_OF_LONG = 63;

    private final ByteBuffer bytes;
    private int position = DefaultRecordBatch.RECORD_BATCH_OVERHEAD;
    private long maxTimestampDelta = Long.MIN_VALUE;

    /// @param batch all of its bytes, header included, and nothing else
    RecordWalk(ByteBuffer batch) {
        this.bytes = batch;
    }

    /// To the end of the batch.
    ///
    /// @param count how many records there are, with offset deltas from 0 on
    void to(int count) {
        for (int delta = 0; delta < count; delta++) {
            record(delta);
        }
        if (position != bytes.limit()) {
            throw new LieException(
                    "%d bytes follow its %d records".formatted(bytes.limit() - position, count));
        }
    }

    /// The latest time of the records walked over, in milliseconds after the batch's first one.
    long maxTimestampDelta() {
        return maxTimestampDelta;
    }

    private void record(int expectedDelta) {
        int length = varint();
        long end = (long) position + length;
        if (length < 0 || end > bytes.limit()) {
            throw new LieException(
                    "record %d claims %d bytes of %d"
                            .formatted(expectedDelta, length, bytes.limit() - position));
        }
        next(); // attributes: none are defined
        maxTimestampDelta = Math.max(maxTimestampDelta, varlong());
        int delta = varint();
        if (delta != expectedDelta) {
            throw new LieException("record %d has offset delta %d".formatted(expectedDelta, delta));
        }
        skip(varint()); // key
        skip(varint()); // value
        int headers = varint();
        if (headers < 0) {
            throw new LieException("record %d has %d headers".formatted(delta, headers));
        }
        for (int i = 0; i < headers; i++) { // each takes two bytes at least, so this ends
            int name = varint();
            if (name < 0) {
                throw new LieException("a header of record %d has no name".formatted(delta));
            }
            skip(name);
            skip(varint());
        }
        if (position != end) {
            throw new LieException(
                    "record %d ends %d bytes from where it says".formatted(delta, position - end));
        }
    }

    /// A negative length is that of a null.
    private void skip(int length) {
        if (length > bytes.limit() - position) {
            throw new LieException("a field of %d bytes goes past the end".formatted(length));
        }
        position += Math.max(0, length);
    }

    private byte next() {
        if (position >= bytes.limit()) {
            throw new LieException("the batch ends within a record");
        }
        return bytes.get(position++);
    }

    private int varint() {
        int raw = 0;
        for (int shift = 0; shift <= LAST_SHIFT_OF_INT; shift += 7) {
            byte now = next();
            raw |= (now & 0x7f) << shift;
            if (now >= 0) {
                return (raw >>> 1) ^ -(raw & 1);
            }
        }
        throw new LieException("a number has more than five bytes");
    }

    private long varlong() {
        long raw = 0;
        for (int shift = 0; shift <= LAST_SHIFT_OF_LONG; shift += 7) {
            byte now = next();
            raw |= (long) (now & 0x7f) << shift;
            if (now >= 0) {
                return (raw >>> 1) ^ -(raw & 1);
            }
        }
        throw new LieException("a number has more than ten bytes");
    }
}
