package io.firn.tiering.cold.offload;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// C10: additive increase, multiplicative decrease.
class SendLimitTest {
    @Test
    void answersToWhatWasSentTogetherHalveItOnce() throws Exception {
        var limit = new SendLimit(8);
        long first = limit.acquire();
        long second = limit.acquire();
        limit.slowDown(first);
        limit.slowDown(second);
        assertThat(limit.limit()).isEqualTo(4);
        limit.release();
        limit.slowDown(limit.acquire());
        assertThat(limit.limit()).isEqualTo(2);
    }

    @Test
    void asManySuccessesAsAreAllowedGiveOneMore() throws Exception {
        var limit = new SendLimit(4);
        limit.slowDown(limit.acquire());
        assertThat(limit.limit()).isEqualTo(2);
        limit.sent();
        limit.sent();
        limit.sent();
        assertThat(limit.limit()).isEqualTo(3);
        for (int i = 0; i < 100; i++) {
            limit.sent();
        }
        assertThat(limit.limit()).isEqualTo(4);
    }

    @Test
    void oneMayAlwaysSend() throws Exception {
        var limit = new SendLimit(2);
        for (int i = 0; i < 10; i++) {
            limit.slowDown(limit.acquire());
            limit.release();
        }
        assertThat(limit.limit()).isEqualTo(1);
        limit.acquire();
    }
}
