package io.firn.tiering.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.tiering.table.column.SchemaLookup;
import io.firn.tiering.table.column.TopicTableSchema;
import io.firn.tiering.table.file.CorruptFileException;
import io.firn.tiering.table.file.SeekIndex;

import java.nio.ByteBuffer;
import java.util.List;

/// A `_kafka_batch` value of any bytes, where a run of whole batches stands outside the row groups:
/// batches back to back, or [CorruptFileException] (FORMAT §5.2).
public final class EntriesFuzz {
    private EntriesFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        SeekIndex index =
                new SeekIndex(
                        TopicTableSchema.baseJson(),
                        "",
                        List.of(new SeekIndex.RowGroup(0, 9, -1, 0, input.length, 0, List.of())));
        DecodedBatches decoded;
        try {
            decoded =
                    new SegmentDecoder(SchemaLookup.NONE, Recompression.NONE)
                            .decode(ByteBuffer.wrap(input), index, 0);
        } catch (CorruptFileException refused) {
            assertThat(refused.getMessage()).startsWith("Cannot ");
            return;
        }
        int at = 0;
        for (DecodedBatches.Batch batch : decoded.batches()) {
            assertThat(batch.position()).isEqualTo(at);
            at += batch.size();
        }
        assertThat(decoded.bytes().remaining()).isEqualTo(at).isLessThanOrEqualTo(input.length);
        ByteBuffer first = decoded.from(0, 1 << 20);
        assertThat(first.remaining()).isLessThanOrEqualTo(at);
    }
}
