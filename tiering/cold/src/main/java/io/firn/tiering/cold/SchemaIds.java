package io.firn.tiering.cold;

import io.firn.tiering.table.SchemaLookup;

import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/// Which registry schemas a range's values name by Confluent's prefix (a zero byte and four of id).
final class SchemaIds {
    /// Data that only looks like a prefix must not make us ask the registry for ever.
    private static final int MOST_UNKNOWN = 64;

    private SchemaIds() {}

    /// The ids that the registry really has.
    static Set<Integer> known(Iterable<ByteBuffer> batches, SchemaLookup schemas) {
        var known = new HashSet<Integer>();
        var unknown = new HashSet<Integer>();
        for (ByteBuffer buffer : batches) {
            for (RecordBatch batch : MemoryRecords.readableRecords(buffer.duplicate()).batches()) {
                if (batch.isControlBatch() || batch.magic() < RecordBatch.MAGIC_VALUE_V2) {
                    continue;
                }
                try {
                    collect(batch, schemas, known, unknown);
                } catch (org.apache.kafka.common.KafkaException lies) {
                    // its records do not unpack: the encoder keeps such a batch as opaque bytes
                }
            }
        }
        return known;
    }

    private static void collect(
            RecordBatch batch, SchemaLookup schemas, Set<Integer> known, Set<Integer> unknown) {
        int last = -1;
        for (Record record : batch) {
            ByteBuffer value = record.value();
            if (value == null || value.remaining() < 5 || value.get(value.position()) != 0) {
                continue;
            }
            int id = value.getInt(value.position() + 1);
            if (id == last || id < 0 || known.contains(id) || unknown.contains(id)) {
                continue;
            }
            last = id;
            if (unknown.size() < MOST_UNKNOWN) {
                (schemas.avroText(id).isPresent() ? known : unknown).add(id);
            }
        }
    }
}
