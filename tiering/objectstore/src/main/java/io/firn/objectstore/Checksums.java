package io.firn.objectstore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Base64;
import java.util.zip.CRC32C;

/// CRC32C of whole objects, written as eight lower-case hex digits.
public final class Checksums {
    private Checksums() {}

    public static String crc32c(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        return hex(crc);
    }

    public static String crc32c(Path file) {
        var crc = new CRC32C();
        try (var channel = FileChannel.open(file)) {
            ByteBuffer buffer = ByteBuffer.allocate(256 * 1024);
            while (channel.read(buffer.clear()) >= 0) {
                crc.update(buffer.flip());
            }
            return hex(crc);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read %s for its checksum".formatted(file), e);
        }
    }

    /// The form that S3's `x-amz-checksum-crc32c` header has.
    static String base64(String hex) {
        int value = Integer.parseUnsignedInt(hex, 16);
        return Base64.getEncoder().encodeToString(ByteBuffer.allocate(4).putInt(value).array());
    }

    private static String hex(CRC32C crc) {
        return "%08x".formatted(crc.getValue());
    }
}
