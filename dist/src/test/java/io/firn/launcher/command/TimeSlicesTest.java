package io.firn.launcher.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

class TimeSlicesTest {
    private static final long LONG_NANOS = 5_000_000;

    @Test
    void threadsOfAServerInheritShortSlicesAndOthersKeepTheirs() throws Exception {
        assumeTrue(
                onThread(TimeSlicesTest::withLongSlice) == LONG_NANOS,
                "the kernel has slices that can be set (6.12)");
        long inherited =
                onThread(
                        () -> {
                            TimeSlices.shorten();
                            return onThread(TimeSlices::nanos);
                        });
        assertThat(inherited).isEqualTo(100_000);
        long other =
                onThread(
                        () -> {
                            withLongSlice();
                            onThread(
                                    () -> {
                                        TimeSlices.shorten();
                                        return 0L;
                                    });
                            return onThread(TimeSlices::nanos);
                        });
        assertThat(other).isEqualTo(LONG_NANOS);
    }

    private static long withLongSlice() {
        TimeSlices.set(LONG_NANOS);
        return TimeSlices.nanos();
    }

    private static long onThread(Callable<Long> work) throws Exception {
        var task = new FutureTask<>(work);
        Thread.ofPlatform().start(task);
        return task.get();
    }
}
