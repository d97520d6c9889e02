package io.firn.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.log.directory.ManifestEntry;
import io.firn.log.directory.ManifestFile;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/// A manifest with any changes and right checksums (L14): one clear error, or entries that are
/// written the same again.
///
/// Input: the number of changes that a frame says it has (4 bytes), then its changes.
public final class ManifestFuzz {
    private static final Uuid OWNER = new Uuid(3, 4);
    private static final Path FOLDER = make();

    private ManifestFuzz() {}

    private static Path make() {
        try {
            Path folder = Files.createTempDirectory("fuzz-manifest");
            folder.toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Path path = FOLDER.resolve(ManifestFile.NAME);
        Files.write(path, input);
        read();
        if (input.length < 4) {
            return;
        }
        try (ManifestFile file = new ManifestFile(FOLDER, OWNER, "")) {
            file.replace(List.of());
        }
        Files.write(path, frame(input), StandardOpenOption.APPEND);
        read();
    }

    private static byte[] frame(byte[] input) {
        ByteBuffer frame = ByteBuffer.allocate(24 + input.length - 4);
        frame.putInt(0x46524D46).putInt(input.length - 4).putInt(0).putLong(1).put(input);
        CRC32C crc = new CRC32C();
        crc.update(frame.array(), 4, 4);
        crc.update(frame.array(), 12, frame.capacity() - 12);
        return frame.putInt(8, (int) crc.getValue()).array();
    }

    private static void read() throws IOException {
        Map<TopicIdPartition, ManifestEntry> entries;
        try {
            entries = ManifestFile.read(FOLDER, OWNER).entries();
        } catch (IOException refused) {
            assertThat(refused.getMessage()).startsWith("Cannot ");
            return;
        }
        try (ManifestFile copy = new ManifestFile(FOLDER, OWNER, "")) {
            copy.replace(entries.values());
        }
        assertThat(ManifestFile.read(FOLDER, OWNER).entries()).isEqualTo(entries);
    }
}
