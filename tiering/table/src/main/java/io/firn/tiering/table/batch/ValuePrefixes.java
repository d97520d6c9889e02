package io.firn.tiering.table.batch;

import io.firn.schema.ByteSink;

import java.nio.ByteBuffer;
import java.util.function.IntConsumer;

/// Finds the registry schemas that values name by Confluent's prefix: a zero byte and four of id.
/// Takes no more memory than encoding the same batches does, whatever they say they hold (G7). Of
/// one thread.
public final class ValuePrefixes {
    private final BatchRecords unpacker = new BatchRecords();
    private final BatchHeader header = new BatchHeader();
    private final ByteSink records = new ByteSink(64 << 10);
    private final RecordCursor in = new RecordCursor();
    private final UnpackThrottle throttle = new UnpackThrottle();
    private final LargeBatches large = new LargeBatches();
    private byte[] buffer = {};

    /// Passes on what each prefixed value names; the same id often. Batches that cannot be unpacked
    /// name none, since they have no rows.
    ///
    /// @param batches one or more whole batches
    public void forEach(ByteBuffer batches, IntConsumer id) {
        int length = batches.remaining();
        if (buffer.length < length) {
            buffer = new byte[Math.max(length, buffer.length * 2)];
        }
        batches.duplicate().get(buffer, 0, length);
        for (int at = 0; at < length; at += header.size()) {
            if (!header.on(buffer, at).isWhole(length - at)) {
                return; // the encoder says what is wrong
            }
            if (header.magic() != 2 || header.control()) {
                continue;
            }
            throttle.begin();
            long unpacked =
                    switch (unpacker.unpack(header, records)) {
                        case WHOLE -> {
                            walk(header.count(), id);
                            yield records.size();
                        }
                        case LARGE -> {
                            large.look(header, id);
                            yield large.looked();
                        }
                        case BROKEN -> 0;
                    };
            throttle.done(header.size(), unpacked);
        }
    }

    private void walk(int count, IntConsumer id) {
        in.on(records);
        try {
            for (int i = 0; i < count; i++) {
                int end = in.readVarint() + in.position();
                in.skip(1); // attributes
                in.readVarlong(); // timestamp
                in.readVarint(); // offset
                in.skip(Math.max(0, in.readVarint())); // key
                int length = in.readVarint();
                int value = in.skip(Math.max(0, length));
                if (RecordCursor.isPrefixed(in.bytes(), value, length)) {
                    id.accept(RecordCursor.schemaId(in.bytes(), value));
                }
                in.skip(end - in.position()); // headers
            }
        } catch (IndexOutOfBoundsException lies) {
            // the encoder keeps such a batch as opaque bytes
        }
    }
}
