package io.firn.broker.produce;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;

class DiskWatermarkTest {
    private final DiskWatermark disk = new DiskWatermark(Path.of("data"), () -> 0);

    @Test
    void producersAreRefusedBelowTheReserveAndLetInAgainAboveIt() { // C11
        assertThat(disk.full()).isFalse();
        disk.found(DiskWatermark.RESERVE_BYTES - 1);
        assertThat(disk.full()).isTrue();
        assertThat(disk.trouble())
                .hasValueSatisfying(why -> assertThat(why).contains("data", "Make room"));
        disk.found(DiskWatermark.RESERVE_BYTES);
        assertThat(disk.full()).isFalse();
        assertThat(disk.trouble()).isEmpty();
    }
}
