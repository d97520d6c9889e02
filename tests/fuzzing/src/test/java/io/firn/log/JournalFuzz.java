package io.firn.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.log.journal.JournalFile;
import io.firn.log.journal.JournalFormat;
import io.firn.log.journal.JournalFormat.Header;
import io.firn.log.journal.JournalReader;
import io.firn.log.journal.Ring;

import org.apache.kafka.common.Uuid;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/// A journal whose first group is any bytes (L7): replayed as far as it holds, or one clear error.
///
/// Input: one byte of choices (bit 0: mend the group's CRC; bit 1: it was strict), then the group.
public final class JournalFuzz {
    private static final long RING_BYTES = JournalFormat.DATA_START + 2 * 16 * JournalFormat.BLOCK;
    private static final Path FILE = make();

    private JournalFuzz() {}

    private static Path make() {
        try {
            Path file = Files.createTempFile("fuzz-journal", "");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        Ring ring = new Ring(RING_BYTES);
        if (input.length < 2 || input.length > ring.halfBytes()) {
            return;
        }
        byte[] group = java.util.Arrays.copyOfRange(input, 1, input.length);
        if ((input[0] & 1) != 0) {
            mend(group);
        }
        int flags = (input[0] & 2) != 0 ? Header.STRICT : 0;
        Header header =
                new Header(1, 1, 1, 0, flags, RING_BYTES, 5, 1, JournalFormat.DATA_START, 0);
        write(header, group);
        try (JournalFile file = JournalFile.open(FILE, RING_BYTES, Durability.REPLICATED)) {
            Header read = JournalReader.header(file);
            assertThat(read).isEqualTo(header);
            var tail =
                    new JournalReader(file, ring)
                            .read(header, entry -> assertThat(entry.partition()).isNotNull());
            assertThat(tail.lastSeq()).isBetween(0L, 1L);
        } catch (IOException refused) {
            assertThat(refused.getMessage()).startsWith("Cannot replay the journal");
        }
    }

    private static void write(Header header, byte[] group) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(JournalFormat.BLOCK);
        header.write(block);
        try (RandomAccessFile file = new RandomAccessFile(FILE.toFile(), "rw")) {
            file.setLength(0);
            file.setLength(RING_BYTES);
            file.write(block.array());
            file.seek(JournalFormat.DATA_START);
            file.write(group);
        }
    }

    /// Magic, version, generation, sequence and CRC as they should be; the rest is the fuzzer's.
    static void mend(byte[] group) {
        if (group.length < JournalFormat.GROUP_HEADER) {
            return;
        }
        ByteBuffer b = ByteBuffer.wrap(group);
        b.putInt(0, JournalFormat.GROUP_MAGIC).putInt(4, JournalFormat.VERSION);
        b.putLong(16, 5).putLong(24, 1);
        int length = Math.clamp(b.getInt(12), 0, group.length);
        b.putInt(12, length);
        long crc = JournalFormat.groupCrc(ByteBuffer.wrap(group), length);
        if (crc >= 0) {
            b.putInt(8, (int) crc);
        }
    }

    static final Uuid TOPIC_ID = new Uuid(7, 7);
}
