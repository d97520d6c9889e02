package io.firn.log.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.internals.ByteUtils;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.util.Random;

class RecordWalkTest {
    private static final int COUNT = 3;
    private static final long FIRST_TIME = 1_000_000;

    private static ByteBuffer batch() {
        return MemoryRecords.withRecords(
                        Compression.NONE,
                        new SimpleRecord(FIRST_TIME, null, new byte[300]),
                        new SimpleRecord(
                                FIRST_TIME + 70_000,
                                "key".getBytes(),
                                null,
                                new Header[] {
                                    new RecordHeader("name", "value".getBytes()),
                                    new RecordHeader("", null)
                                }),
                        new SimpleRecord(FIRST_TIME + 5, new byte[0], new byte[0]))
                .buffer();
    }

    @Test
    void walksToTheEndAndKnowsTheLatestTime() {
        var walk = RecordWalk.in(batch());
        walk.to(COUNT);
        assertThat(walk.maxTimestampDelta()).isEqualTo(70_000);
    }

    @Test
    void recordsThatUnpackToMoreThanIsAllowedAreNotWalkedOn() { // G7
        ByteBuffer head = ByteBuffer.allocate(32);
        ByteUtils.writeVarint(1 << 28, head); // the record
        for (int field : new int[] {0, 0, 0, -1, 1 << 27}) { // the last is the value's length
            ByteUtils.writeVarint(field, head);
        }
        long[] given = {0};
        var zeros =
                new InputStream() {
                    @Override
                    public int read() {
                        given[0]++;
                        return 0;
                    }
                };
        var unpacked =
                new SequenceInputStream(
                        new ByteArrayInputStream(head.array(), 0, head.position()), zeros);
        var walk = RecordWalk.of(unpacked, new byte[100], 10_000, Integer.MAX_VALUE);
        assertThatThrownBy(() -> walk.to(1)).isInstanceOf(RecordWalk.TooLargeException.class);
        assertThat(given[0]).isLessThan(200); // nothing is unpacked for what it claims
    }

    @Test
    void findsEveryLieThatKafkasIteratorFinds() { // L2
        var random = new Random(7);
        int length = batch().limit();
        int lies = 0;
        for (int i = 0; i < 5_000; i++) {
            ByteBuffer bytes = batch();
            for (int change = 0; change <= random.nextInt(3); change++) {
                int at = 61 + random.nextInt(random.nextBoolean() ? 8 : length - 61);
                bytes.put(at, (byte) random.nextInt());
            }
            Long expected = kafkasLatestTime(bytes.duplicate());
            assertThat(latestTime(RecordWalk.in(bytes))).as("variant %d", i).isEqualTo(expected);
            var unpacked = new ByteArrayInputStream(bytes.array(), 61, length - 61);
            byte[] window = new byte[1 + random.nextInt(50)];
            assertThat(latestTime(RecordWalk.of(unpacked, window, length, Integer.MAX_VALUE)))
                    .as("variant %d, unpacked", i)
                    .isEqualTo(expected);
            lies += expected == null ? 1 : 0;
        }
        assertThat(lies).isBetween(500, 4_500);
    }

    private static Long latestTime(RecordWalk walk) {
        try {
            walk.to(COUNT);
            return FIRST_TIME + walk.maxTimestampDelta();
        } catch (RecordWalk.LieException lie) {
            return null;
        }
    }

    private static Long kafkasLatestTime(ByteBuffer bytes) {
        RecordBatch batch = MemoryRecords.readableRecords(bytes).firstBatch();
        long latest = Long.MIN_VALUE;
        long next = 0;
        try {
            for (Record record : batch) {
                if (record.offset() != next++) {
                    return null;
                }
                latest = Math.max(latest, record.timestamp());
            }
            return latest;
        } catch (RuntimeException lie) {
            return null;
        }
    }
}
