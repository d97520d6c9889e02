package io.firn.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.Uuid;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;

/// A checkpoint or state file with any rows and a right CRC (L5): one clear error, or rows that are
/// written the same again.
public final class RowsFuzz {
    private static final Uuid OWNER = new Uuid(3, 4);
    private static final Path FOLDER = make();

    private RowsFuzz() {}

    private static Path make() {
        try {
            Path folder = Files.createTempDirectory("fuzz-rows");
            folder.toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Path file = FOLDER.resolve("rows");
        Files.write(file, input);
        read();
        ByteBuffer whole = ByteBuffer.allocate(24 + input.length + 4);
        whole.putInt(0x4649524E).putInt(1).putLong(3).putLong(4).put(input);
        CRC32C crc = new CRC32C();
        crc.update(whole.array(), 0, whole.position());
        whole.putInt((int) crc.getValue());
        Files.write(file, whole.array());
        read();
    }

    private static void read() throws IOException {
        RowFile file = new RowFile(FOLDER, "rows", OWNER);
        List<LogRow> rows;
        try {
            rows = file.read();
        } catch (IOException refused) {
            assertThat(refused.getMessage()).startsWith("Cannot ");
            return;
        }
        RowFile copy = new RowFile(FOLDER, "copy", OWNER);
        copy.write(rows);
        assertThat(copy.read()).isEqualTo(rows);
    }
}
