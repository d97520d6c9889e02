package io.firn.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// What every ObjectStore promises; subclasses only create one.
abstract class ObjectStoreContract {
    abstract ObjectStore store();

    /// Each test has its own folder in the store.
    private final String folder = "t-" + UUID.randomUUID();

    private ObjectKey key(String name) {
        return new ObjectKey(folder + "/" + name);
    }

    @Test
    void whatWasPutIsReadBackWholeAndByRange() {
        ObjectKey key = key("data/0/a.parquet");
        PutResult put = store().putIfAbsent(key, "0123456789".getBytes(UTF_8));

        assertThat(put.adopted()).isFalse();
        assertThat(put.size()).isEqualTo(10);
        assertThat(store().read(key)).isEqualTo("0123456789".getBytes(UTF_8));
        assertThat(text(part(key, 3, 4))).isEqualTo("3456");
        assertThat(text(part(key, 9, 1))).isEqualTo("9");
        assertThat(part(key, 2, 0)).isEmpty();
    }

    @Test
    void aLargeFileComesBackUnchanged(@TempDir Path dir) throws Exception {
        byte[] bytes = new byte[20 * 1024 * 1024 + 17];
        new Random(1).nextBytes(bytes);
        Path file = Files.write(dir.resolve("large"), bytes);

        PutResult put = store().putIfAbsent(key("large"), file);

        assertThat(put.crc32c()).isEqualTo(Checksums.crc32c(bytes));
        assertThat(store().read(key("large"))).isEqualTo(bytes);
        assertThat(store().head(key("large")).orElseThrow().size()).isEqualTo(bytes.length);
    }

    @Test
    void theSameBytesAreAdoptedAndOthersRefused() {
        ObjectKey key = key("once");
        store().putIfAbsent(key, "first".getBytes(UTF_8));

        assertThat(store().putIfAbsent(key, "first".getBytes(UTF_8)).adopted()).isTrue();
        assertThatThrownBy(() -> store().putIfAbsent(key, "other".getBytes(UTF_8)))
                .isInstanceOf(ObjectConflictException.class)
                .hasMessageContaining("other content");
        assertThat(store().read(key)).isEqualTo("first".getBytes(UTF_8));
    }

    @Test
    void ofManyWritersAtOnceExactlyOneWins() throws Exception {
        ObjectKey key = key("race");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var writers = new ArrayList<Callable<Boolean>>();
            for (int i = 0; i < 8; i++) {
                byte[] mine = ("writer " + i).getBytes(UTF_8);
                writers.add(
                        () -> {
                            try {
                                return !store().putIfAbsent(key, mine).adopted();
                            } catch (ObjectConflictException lost) {
                                return false;
                            }
                        });
            }
            int winners = 0;
            for (Future<Boolean> f : threads.invokeAll(writers)) {
                winners += f.get() ? 1 : 0;
            }
            assertThat(winners).isEqualTo(1);
        }
    }

    @Test
    void aMissingObjectIsToldApartFromAStoreThatIsAway() {
        assertThat(store().head(key("none"))).isEmpty();
        assertThatThrownBy(() -> store().read(key("none")))
                .isInstanceOf(ObjectMissingException.class);
        assertThatThrownBy(() -> part(key("none"), 0, 1))
                .isInstanceOf(ObjectMissingException.class);
    }

    @Test
    void aRangeOutsideTheObjectIsRefused() {
        store().putIfAbsent(key("short"), new byte[10]);
        assertThatThrownBy(() -> part(key("short"), 8, 5))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> part(key("short"), 10, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void headTellsSizeAndChecksum() {
        store().putIfAbsent(key("h"), "abc".getBytes(UTF_8));
        ObjectInfo info = store().head(key("h")).orElseThrow();
        assertThat(info.size()).isEqualTo(3);
        assertThat(info.crc32c()).isEqualTo(Checksums.crc32c("abc".getBytes(UTF_8)));
    }

    @Test
    void aListingHasEveryObjectBelowThePrefixAndNoOther() {
        for (int i = 0; i < 25; i++) {
            store().putIfAbsent(key("list/%02d/x".formatted(i)), new byte[i]);
        }
        store().putIfAbsent(key("beside"), new byte[1]);

        try (var all = store().list(folder + "/list/")) {
            assertThat(all.map(o -> o.key().name()))
                    .hasSize(25)
                    .allMatch(n -> n.startsWith(folder + "/list/"));
        }
        try (var none = store().list(folder + "/nothing/")) {
            assertThat(none).isEmpty();
        }
    }

    @Test
    void deletingTwiceIsDeletingOnce() {
        store().putIfAbsent(key("d"), new byte[3]);
        store().delete(key("d"));
        store().delete(key("d"));
        assertThat(store().head(key("d"))).isEmpty();
    }

    private byte[] part(ObjectKey key, long position, int length) {
        byte[] bytes = new byte[length + 2];
        store().read(key, position, ByteBuffer.wrap(bytes, 1, length));
        return Arrays.copyOfRange(bytes, 1, length + 1);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }
}
