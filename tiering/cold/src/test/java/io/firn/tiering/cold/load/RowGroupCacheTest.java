package io.firn.tiering.cold.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.tiering.cold.ColdUnavailableException;
import io.firn.tiering.table.DecodedBatches;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

class RowGroupCacheTest {
    private static final int MIB = 1 << 20;
    private static final RowGroupCache.Key A = new RowGroupCache.Key("s3://b/a", 4);
    private static final RowGroupCache.Key B = new RowGroupCache.Key("s3://b/b", 4);

    private final RecycledArrays arrays = new RecycledArrays(8 * MIB);
    private final RowGroupCache cache = new RowGroupCache(2 * MIB, arrays);

    private DecodedBatches load(int value) {
        byte[] array = arrays.take(2 * MIB - 100);
        array[0] = (byte) value;
        return new DecodedBatches(ByteBuffer.wrap(array, 0, 1_000).slice(), List.of());
    }

    private static byte first(DecodedBatches group) {
        return group.bytes().get(0);
    }

    @Test
    void aGroupThatIsReadKeepsItsMemoryAfterItHasGone() {
        cache.read(
                A,
                () -> load(1),
                a -> {
                    cache.read(B, () -> load(2), b -> assertThat(first(b)).isEqualTo((byte) 2));
                    assertThat(cache.knows(A)).isFalse(); // only one fits
                    cache.read(
                            A,
                            () -> load(3),
                            again -> assertThat(first(again)).isEqualTo((byte) 3));
                    assertThat(first(a)).isEqualTo((byte) 1);
                    return null;
                });
    }

    @Test
    void itsMemoryIsUsedAgainWhenTheLastReaderIsDone() {
        byte[] array = cache.read(A, () -> load(1), a -> a.bytes().array());
        byte[] other = cache.read(B, () -> load(2), b -> b.bytes().array()); // A goes
        assertThat(other).isNotSameAs(array);
        assertThat(cache.<byte[]>read(A, () -> load(3), a -> a.bytes().array())).isSameAs(array);
        assertThat(cache.bytes()).isEqualTo(2 * MIB);
    }

    @Test
    void whoWaitsForAnothersLoadCountsAsAReader() throws Exception {
        var loading = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var first =
                CompletableFuture.runAsync(
                        () ->
                                cache.read(
                                        A,
                                        () -> {
                                            loading.countDown();
                                            await(goOn);
                                            return load(1);
                                        },
                                        a -> true));
        await(loading);
        var reading = new CountDownLatch(1);
        var second = new CompletableFuture<Byte>();
        Thread waits =
                Thread.ofPlatform()
                        .start(
                                () ->
                                        second.complete(
                                                cache.read(
                                                        A,
                                                        () -> load(7), // is not called
                                                        a -> {
                                                            await(reading);
                                                            return first(a);
                                                        })));
        while (waits.getState() != Thread.State.WAITING) { // for the first one's load
            Thread.onSpinWait();
        }
        goOn.countDown();
        first.get(10, TimeUnit.SECONDS);
        cache.read(B, () -> load(2), b -> true); // A goes while the second reads it
        cache.read(A, () -> load(3), a -> true);
        reading.countDown();
        assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo((byte) 1);
    }

    @Test
    void aFailedLoadFailsThoseWhoWaitAndNobodyLater() {
        assertThatThrownBy(
                        () ->
                                cache.read(
                                        A,
                                        () -> {
                                            throw new ColdUnavailableException("away", null);
                                        },
                                        a -> true))
                .isInstanceOf(ColdUnavailableException.class);
        assertThat(cache.<Byte>read(A, () -> load(1), RowGroupCacheTest::first))
                .isEqualTo((byte) 1);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
