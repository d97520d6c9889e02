package io.firn.tiering.cold.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.firn.tiering.cold.ColdUnavailableException;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

class BackgroundThreadsTest {
    private static final int NICE_FIELD_AFTER_NAME = 16;

    private final BackgroundThreads threads = new BackgroundThreads("test-background", 1);

    @Test
    void aBackgroundThreadStandsBackAndTheCallersDoesNot() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/thread-self/stat")));
        int ours = niceOfThisThread();
        assertThat(threads.await(BackgroundThreadsTest::niceOfThisThread)).isEqualTo(10);
        assertThat(niceOfThisThread()).isEqualTo(ours);
    }

    @Test
    void whatTheWorkThrowsComesToItsCaller() {
        assertThatThrownBy(
                        () ->
                                threads.await(
                                        () -> {
                                            throw new ColdUnavailableException("no store", null);
                                        }))
                .isInstanceOf(ColdUnavailableException.class)
                .hasMessage("no store");
    }

    private static int niceOfThisThread() {
        try {
            String stat = Files.readString(Path.of("/proc/thread-self/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Integer.parseInt(fields[NICE_FIELD_AFTER_NAME]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
