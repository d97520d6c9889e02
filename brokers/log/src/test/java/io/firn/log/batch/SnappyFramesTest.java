package io.firn.log.batch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.HexFormat;

class SnappyFramesTest {
    private static final String HEADER = "82534e415050590000000001" + "00000001";

    private static boolean hold(String hex) {
        return SnappyFrames.hold(ByteBuffer.wrap(HexFormat.of().parseHex(hex)), 1000);
    }

    @Test
    void chunksWithinTheirDataAndTheBoundAreFine() {
        assertThat(hold(HEADER + "00000003" + "050000" + "00000002" + "0500")).isTrue();
        assertThat(hold("0568656c6c6f")).isTrue(); // one bare block of 5 bytes
    }

    @Test
    void aChunkThatClaimsMoreBytesThanThereAreIsRefused() { // G7
        assertThat(hold(HEADER + "1f000000" + "050000")).isFalse();
        assertThat(hold(HEADER + "80000000" + "050000")).isFalse();
    }

    @Test
    void blocksThatClaimToUnpackToMoreThanTheBoundAreRefused() { // G7
        assertThat(hold(HEADER + "00000005" + "ffffffff07")).isFalse();
        assertThat(hold("ffffffff07")).isFalse();
        assertThat(hold(HEADER + "00000002" + "f407" + "00000001" + "01")).isFalse(); // 1000 + 1
    }
}
