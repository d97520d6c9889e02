package io.firn.tiering.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.tiering.table.column.TopicTableSchema;
import io.firn.tiering.table.file.CorruptFileException;
import io.firn.tiering.table.file.FileFooter;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// The end of an object that someone put where a data file was expected (C16): refused with a word,
/// never served, never an allocation that the object asked for.
public final class FooterFuzz {
    private FooterFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        read(input);
        byte[] tailed = Arrays.copyOf(input, input.length + 8);
        ByteBuffer.wrap(tailed, input.length, 8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(input.length)
                .put(new byte[] {'P', 'A', 'R', '1'});
        read(tailed);
    }

    private static void read(byte[] file) {
        try {
            FileFooter footer = FileFooter.read(OffloadFuzz.bytes(file));
            assertThat(footer.format()).isLessThanOrEqualTo(TopicTableSchema.FORMAT);
        } catch (CorruptFileException refused) {
            assertThat(refused.getMessage()).startsWith("Cannot ");
        }
    }
}
