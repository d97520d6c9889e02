package io.firn.tiering.table.batch;

import io.firn.schema.ByteSink;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.function.IntConsumer;

/// Looks through batches that are too large for memory, before any of their records becomes a row.
/// What one range may ask for is bounded, so that its attempt meets its deadline (C10, G7). Of one
/// thread.
public final class LargeBatches {
    /// More than a batch can hold: its size is an int, so no consumer could have it uncompressed.
    private static final long MOST_OF_ONE = Integer.MAX_VALUE;

    private static final long MOST_OF_ALL = 32L << 30;

    /// What a look says.
    public enum Look {
        WELL_FORMED,
        BROKEN,
        BOMB
    }

    private final BatchRecords unpacker = new BatchRecords();
    private final ByteSink prefix = new ByteSink(RecordCursor.PREFIX);
    private final long mostOfOne;
    private long left;
    private long looked;

    public LargeBatches() {
        this(MOST_OF_ONE, MOST_OF_ALL);
    }

    public LargeBatches(long mostOfOne, long mostOfAll) {
        this.mostOfOne = mostOfOne;
        this.left = mostOfAll;
    }

    /// The batch's records, to be read once.
    public RecordStream open(BatchHeader header) {
        return new RecordStream(unpacker.open(header));
    }

    /// Records that are in memory, for the batch has too many of them for one row group.
    public static RecordStream open(ByteSink records) {
        return new RecordStream(new ByteArrayInputStream(records.bytes(), 0, records.size()));
    }

    /// Whether records that are in memory are what their batch says.
    public static boolean wellFormed(BatchHeader header, ByteSink records) {
        try (RecordStream in = open(records)) {
            return new LargeBatches().look(in, header, id -> {}, Long.MAX_VALUE)
                    == Look.WELL_FORMED;
        } catch (IOException | IndexOutOfBoundsException e) {
            return false;
        }
    }

    /// Reads the batch through.
    ///
    /// @param ids is given the schema that each value's prefix names
    public Look look(BatchHeader header, IntConsumer ids) {
        looked = 0;
        long most = Math.min(mostOfOne, left);
        try (RecordStream in = open(header)) {
            Look look = look(in, header, ids, most);
            looked = in.position();
            left -= looked;
            return look;
        } catch (VirtualMachineError fatal) {
            throw fatal;
        } catch (IOException | RuntimeException | Error e) { // as in BatchRecords
            return Look.BROKEN;
        }
    }

    /// Bytes that the batch looked at last holds, as far as it was read.
    public long looked() {
        return looked;
    }

    private Look look(RecordStream in, BatchHeader header, IntConsumer ids, long most)
            throws IOException {
        int previous = -1;
        for (int i = 0; i < header.count(); i++) {
            long end = in.readVarint() + in.position();
            if (end > most) {
                return Look.BOMB;
            }
            in.skip(1); // attributes
            in.readVarlong(); // timestamp
            int delta = in.readVarint();
            if (delta <= previous || delta > header.lastOffsetDelta()) {
                return Look.BROKEN;
            }
            previous = delta;
            in.skip(atMost(in.readVarint(), in, end)); // key
            lookAtValue(in, end, ids);
            skipHeaders(in, end);
            if (in.position() != end) {
                return Look.BROKEN;
            }
        }
        return in.atEnd() ? Look.WELL_FORMED : Look.BROKEN;
    }

    private void lookAtValue(RecordStream in, long end, IntConsumer ids) throws IOException {
        int length = atMost(in.readVarint(), in, end);
        if (length < RecordCursor.PREFIX) {
            in.skip(length);
            return;
        }
        prefix.clear();
        in.copyTo(prefix, RecordCursor.PREFIX);
        if (RecordCursor.isPrefixed(prefix.bytes(), 0, length)) {
            ids.accept(RecordCursor.schemaId(prefix.bytes(), 0));
        }
        in.skip(length - RecordCursor.PREFIX);
    }

    private static void skipHeaders(RecordStream in, long end) throws IOException {
        int count = in.readVarint();
        if (count < 0) {
            throw new IndexOutOfBoundsException();
        }
        for (int i = 0; i < count; i++) {
            int name = in.readVarint();
            if (name < 0) {
                throw new IndexOutOfBoundsException();
            }
            in.skip(atMost(name, in, end));
            in.skip(atMost(in.readVarint(), in, end));
        }
    }

    /// A length, 0 for that of null.
    private static int atMost(int length, RecordStream in, long end) {
        if (length > end - in.position()) {
            throw new IndexOutOfBoundsException();
        }
        return Math.max(0, length);
    }
}
