package io.firn.protocol.preface;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import java.security.GeneralSecurityException;
import java.util.Arrays;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// A preface with any bytes and a right signature, so that the fuzzer gets past it (G6): refused,
/// or read and written the same again.
public final class PrefaceFuzz {
    private static final byte[] KEY = "a cluster key of 32 bytes or so!".getBytes();
    private static final long NOW = 1_700_000_000_000L;

    private PrefaceFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) throws GeneralSecurityException {
        decode(input); // unsigned, and mostly refused for that
        byte[] signed = Arrays.copyOf(input, input.length + 32);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
        System.arraycopy(mac.doFinal(input), 0, signed, input.length, 32);
        decode(signed);
    }

    private static void decode(byte[] frame) {
        Preface preface;
        try {
            preface = Preface.decode(Unpooled.wrappedBuffer(frame), KEY, NOW);
        } catch (PrefaceException refused) {
            assertThat(refused.getMessage()).isNotBlank();
            return;
        }
        ByteBuf again = preface.encode(KEY);
        assertThat(Preface.decode(again.slice(4, again.readableBytes() - 4), KEY, NOW))
                .isEqualTo(preface);
        assertThat(ByteBufUtil.getBytes(again).length).isLessThanOrEqualTo(Preface.MAX_BYTES + 4);
    }
}
