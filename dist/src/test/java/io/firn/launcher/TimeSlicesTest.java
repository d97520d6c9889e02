package io.firn.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

class TimeSlicesTest {
    @Test
    void threadsOfAServerInheritShortSlicesAndOthersKeepTheirs() throws Exception {
        long usual = TimeSlices.nanos();
        assumeTrue(usual > 100_000, "the kernel has slices that can be set (6.12)");
        long inherited =
                onThread(
                        () -> {
                            TimeSlices.shorten();
                            return onThread(TimeSlices::nanos);
                        });
        assertThat(inherited).isEqualTo(100_000);
        assertThat(TimeSlices.nanos()).isEqualTo(usual);
        assertThat(onThread(TimeSlices::nanos)).isEqualTo(usual);
    }

    private static long onThread(Callable<Long> work) throws Exception {
        var task = new FutureTask<>(work);
        Thread.ofPlatform().start(task);
        return task.get();
    }
}
