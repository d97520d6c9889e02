package io.firn.benchmarks.client;

import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/// What one record batch is made of.
///
/// @param recordBytes size of each record's value; keys and headers are empty
/// @param records records in a batch
public record BatchShape(int recordBytes, int records, Codec codec) {
    public long payloadBytes() {
        return (long) recordBytes * records;
    }

    /// A batch as a producer without idempotence sends it, so that it may be sent again and again.
    MemoryRecords batch(Payload payload, long timestamp) {
        var all = new SimpleRecord[records];
        for (int i = 0; i < records; i++) {
            all[i] = new SimpleRecord(timestamp, null, payload.next(recordBytes));
        }
        return MemoryRecords.withRecords(codec.compression(), all);
    }
}
