package io.firn.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.log.Batches;

import org.apache.kafka.common.record.internal.ChannelRecords;
import org.apache.kafka.common.record.internal.FileRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/// The channel under an active segment: whatever is done to it, it reads as one file (L1, L8).
class SegmentChannelTest {
    private static final int BUDGET = 4 << 20;

    @TempDir Path dir;

    private final SegmentBuffers buffers = new SegmentBuffers(BUDGET);

    private SegmentChannel open(Path path) throws IOException {
        FileChannel file =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        return new SegmentChannel(path, file, buffers, DirectWrites.acceptedIn(dir));
    }

    private static byte[] bytes(Random random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] read(FileChannel channel, long position, int count) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(count);
        while (into.hasRemaining() && channel.read(into, position + into.position()) >= 0) {}
        return Arrays.copyOf(into.array(), into.position());
    }

    @Test
    void itReadsAsOneFileAfterAnySequenceOfAppendsCutsAndCloses() throws IOException {
        for (int seed = 0; seed < 12; seed++) {
            Random random = new Random(seed);
            Path path = dir.resolve("segment-" + seed);
            byte[] model = new byte[0];
            SegmentChannel channel = open(path);
            for (int step = 0; step < 120; step++) {
                switch (random.nextInt(12)) {
                    case 0 -> channel.force(true);
                    case 1 -> {
                        int size = random.nextInt(model.length + 1);
                        channel.truncate(size);
                        model = Arrays.copyOf(model, size);
                    }
                    case 2 -> channel.seal();
                    case 3 -> {
                        channel.close();
                        assertThat(Files.size(path)).isEqualTo(model.length);
                        channel = open(path);
                    }
                    default -> {
                        byte[] more = bytes(random, random.nextInt(1 << random.nextInt(19)));
                        channel.write(ByteBuffer.wrap(more));
                        int old = model.length;
                        model = Arrays.copyOf(model, old + more.length);
                        System.arraycopy(more, 0, model, old, more.length);
                    }
                }
                assertThat(channel.size()).isEqualTo(model.length);
                assertThat(Files.size(path)).isLessThanOrEqualTo(model.length);
                int from = random.nextInt(model.length + 1);
                int count = random.nextInt(model.length - from + 1);
                assertThat(read(channel, from, count))
                        .as("seed %d step %d", seed, step)
                        .isEqualTo(Arrays.copyOfRange(model, from, from + count));
                assertThat(channel.stableEnd()).isLessThanOrEqualTo(Files.size(path));
            }
            channel.force(true);
            assertThat(Files.readAllBytes(path)).isEqualTo(model);
            channel.close();
        }
        assertThat(buffers.allocatedBytes()).isLessThanOrEqualTo(BUDGET);
    }

    @Test
    void aSealedOrClosedFileHasExactlyWhatWasAppended() throws IOException { // L8, L9
        Path path = dir.resolve("segment");
        byte[] all = bytes(new Random(1), 300_001);
        try (SegmentChannel channel = open(path)) {
            channel.write(ByteBuffer.wrap(all, 0, 100_000));
            assertThat(Files.size(path)).isEqualTo(SegmentBuffers.SMALL);
            channel.seal();
            assertThat(Files.readAllBytes(path)).isEqualTo(Arrays.copyOf(all, 100_000));
            assertThat(channel.stableEnd()).isEqualTo(100_000);
            channel.write(ByteBuffer.wrap(all, 100_000, 200_001));
            assertThat(channel.stableEnd() % SegmentChannel.BLOCK).isZero();
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(all);
    }

    @Test
    void whenTheBudgetIsUsedUpAppendsGoThroughThePageCache() throws IOException { // L10
        var open = new ArrayList<SegmentChannel>();
        byte[] some = bytes(new Random(2), 5_000);
        for (int i = 0; i < BUDGET / SegmentBuffers.SMALL + 5; i++) {
            SegmentChannel channel = open(dir.resolve("segment-" + i));
            channel.write(ByteBuffer.wrap(some));
            channel.write(ByteBuffer.wrap(some));
            open.add(channel);
        }
        assertThat(buffers.allocatedBytes()).isEqualTo(BUDGET);
        assertThat(Files.size(dir.resolve("segment-0"))).isZero();
        assertThat(Files.size(dir.resolve("segment-" + (open.size() - 1)))).isEqualTo(10_000);
        assertThat(read(open.getLast(), 4_000, 2_000))
                .isEqualTo(
                        ByteBuffer.allocate(2_000)
                                .put(some, 4_000, 1_000)
                                .put(some, 0, 1_000)
                                .array());
        open.getFirst().close();
        open.getLast().write(ByteBuffer.wrap(some));
        assertThat(Files.size(dir.resolve("segment-" + (open.size() - 1)))).isEqualTo(10_000);
        for (SegmentChannel channel : open) {
            channel.close();
        }
        assertThat(Files.size(dir.resolve("segment-" + (open.size() - 1)))).isEqualTo(15_000);
    }

    @Test
    void whatIsSentIsRightWhileItIsAppendedTo() throws Exception { // L1, L8
        Path path = dir.resolve("segment");
        byte[] all = bytes(new Random(3), 24 << 20);
        var appended = new java.util.concurrent.atomic.AtomicInteger();
        var stop = new AtomicBoolean();
        try (SegmentChannel channel = open(path)) {
            var reader =
                    CompletableFuture.supplyAsync(
                            () -> {
                                Random random = new Random(4);
                                int reads = 0;
                                while (!stop.get()) {
                                    int end = appended.get();
                                    if (end < 1000) {
                                        continue;
                                    }
                                    int from = Math.max(0, end - random.nextInt(1, 3 << 20));
                                    int count = random.nextInt(1, end - from + 1);
                                    byte[] got = send(channel, path, from, count);
                                    assertThat(
                                                    Arrays.equals(
                                                            got, 0, count, all, from, from + count))
                                            .as("%d bytes at %d", count, from)
                                            .isTrue();
                                    reads++;
                                }
                                return reads;
                            });
            Random random = new Random(5);
            while (appended.get() < all.length) {
                int count = Math.min(random.nextInt(1, 40_000), all.length - appended.get());
                channel.write(ByteBuffer.wrap(all, appended.get(), count));
                appended.addAndGet(count);
                if (random.nextInt(100) == 0) {
                    channel.force(false);
                }
            }
            stop.set(true);
            assertThat(reader.get()).isPositive();
        }
    }

    /// Only bytes are looked at; what they mean does not matter.
    private static byte[] send(SegmentChannel channel, Path path, int from, int count) {
        try {
            FileRecords whole = null;
            while (whole == null) {
                try {
                    whole = ChannelRecords.over(path.toFile(), channel);
                } catch (IllegalArgumentException appendedMeanwhile) {
                    // Kafka sets the position to the size that it has just read
                }
            }
            return Batches.sent(new SegmentRecords(whole.slice(from, count), channel, from));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
