package io.firn.log.batch;

import org.apache.kafka.common.record.internal.DefaultRecordBatch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Walks the records of one batch and makes no object of them: what Kafka's consumer checks in each
/// (its length, its fields within it, no byte left over), so that what passes here can be read by
/// everybody. Kafka's own check of a compressed batch skips over that.
///
/// Any byte may be a lie: whatever cannot be is a [LieException]. Confined to one thread.
abstract class RecordWalk {
    /// The bytes are no records.
    static class LieException extends RuntimeException {
        LieException(String message) {
            super(message, null, false, false);
        }
    }

    /// They are more than somebody's memory should be asked for.
    static final class TooLargeException extends LieException {
        TooLargeException(String message) {
            super(message);
        }
    }

    /// One record is larger than its topic allows.
    static final class RecordTooLargeException extends LieException {
        RecordTooLargeException(String message) {
            super(message);
        }
    }

    private static final int LAST_SHIFT_OF_INT = 28;
    private static final int LAST_SHIFT_OF_LONG = 63;

    private long maxTimestampDelta = Long.MIN_VALUE;
    private long minTimestampDelta = Long.MAX_VALUE;

    /// Of an uncompressed batch, where they lie.
    ///
    /// @param batch all of its bytes, header included, and nothing else
    static RecordWalk in(ByteBuffer batch) {
        return new Plain(batch);
    }

    /// Of a compressed one.
    ///
    /// @param window of the caller, for bytes on their way
    /// @param most bytes that the records may have
    /// @param mostOfOne bytes that one record may have (`max.decompressed.message.bytes`)
    static RecordWalk of(InputStream unpacked, byte[] window, long most, int mostOfOne) {
        return new Unpacked(unpacked, window, most, mostOfOne);
    }

    /// To the end of the batch.
    ///
    /// @param count how many records there are, with offset deltas from 0 on
    final void to(int count) {
        for (int delta = 0; delta < count; delta++) {
            record(delta);
        }
        if (!atEnd()) {
            throw new LieException("more bytes follow its %d records".formatted(count));
        }
    }

    /// The latest time of the records walked over, in milliseconds after the batch's first one.
    final long maxTimestampDelta() {
        return maxTimestampDelta;
    }

    final long minTimestampDelta() {
        return minTimestampDelta;
    }

    /// How many bytes were passed.
    abstract long position();

    abstract boolean atEnd();

    abstract byte next();

    /// Bytes that one record may have.
    abstract int mostOfOne();

    /// @throws LieException at once, if so many bytes cannot follow or must not
    abstract void require(int length);

    /// A negative length is that of a null.
    abstract void skip(int length);

    private void record(int expectedDelta) {
        int length = varint();
        long end = position() + length;
        if (length < 0) {
            throw new LieException("record %d claims %d bytes".formatted(expectedDelta, length));
        }
        if (length > mostOfOne()) {
            throw new RecordTooLargeException(
                    "record %d has %d bytes unpacked, and max.decompressed.message.bytes = %d allows no more"
                            .formatted(expectedDelta, length, mostOfOne()));
        }
        require(length);
        next(); // attributes: none are defined
        long timestampDelta = varlong();
        maxTimestampDelta = Math.max(maxTimestampDelta, timestampDelta);
        minTimestampDelta = Math.min(minTimestampDelta, timestampDelta);
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
        if (position() != end) {
            throw new LieException(
                    "record %d ends %d bytes from where it says"
                            .formatted(delta, position() - end));
        }
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

    private static final class Plain extends RecordWalk {
        private final ByteBuffer bytes;
        private int position = DefaultRecordBatch.RECORD_BATCH_OVERHEAD;

        Plain(ByteBuffer batch) {
            this.bytes = batch;
        }

        @Override
        long position() {
            return position;
        }

        @Override
        boolean atEnd() {
            return position == bytes.limit();
        }

        /// As Kafka has it: a record that is not packed is bounded by its batch.
        @Override
        int mostOfOne() {
            return Integer.MAX_VALUE;
        }

        @Override
        byte next() {
            if (position >= bytes.limit()) {
                throw new LieException("the batch ends within a record");
            }
            return bytes.get(position++);
        }

        @Override
        void require(int length) {
            if (length > bytes.limit() - position) {
                throw new LieException(
                        "%d bytes are claimed and %d follow"
                                .formatted(length, bytes.limit() - position));
            }
        }

        @Override
        void skip(int length) {
            require(length);
            position += Math.max(0, length);
        }
    }

    private static final class Unpacked extends RecordWalk {
        private final InputStream in;
        private final byte[] window;
        private final long most;
        private final int mostOfOne;
        private long passed;
        private int at;
        private int limit;

        Unpacked(InputStream in, byte[] window, long most, int mostOfOne) {
            this.in = in;
            this.window = window;
            this.most = most;
            this.mostOfOne = mostOfOne;
        }

        @Override
        long position() {
            return passed + at;
        }

        @Override
        boolean atEnd() {
            return at == limit && !fill();
        }

        @Override
        int mostOfOne() {
            return mostOfOne;
        }

        @Override
        byte next() {
            if (at == limit && !fill()) {
                throw new LieException("the batch ends within a record");
            }
            return window[at++];
        }

        /// Before anything is unpacked for it: a bomb should cost no more than its first bytes.
        @Override
        void require(int length) {
            if (position() + length > most) {
                throw new TooLargeException(
                        "%d bytes are claimed, %d are allowed".formatted(length, most));
            }
        }

        @Override
        void skip(int length) {
            require(length);
            int left = Math.max(0, length);
            while (left > limit - at) {
                left -= limit - at;
                if (!fill()) {
                    throw new LieException(
                            "a field of %d bytes goes past the end".formatted(length));
                }
            }
            at += left;
        }

        /// Goes on to the bytes that come next; false at the end.
        private boolean fill() {
            passed += limit;
            at = 0;
            limit = 0;
            try {
                limit = Math.max(0, in.read(window));
            } catch (IOException e) {
                throw new LieException("it does not unpack: " + e.getMessage());
            }
            if (passed + limit > most) {
                throw new TooLargeException("its records unpack to more than " + most);
            }
            return limit > 0;
        }
    }
}
