package io.firn.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;

import org.junit.jupiter.api.Test;

class PrefaceTest { // G6
    private static final byte[] KEY = {1, 2, 3, 4};
    private static final Preface PREFACE =
            new Preface(new Caller("public", "User:ä", "10.0.0.7", "PLAINTEXT"), 1_000_000, 42);

    @Test
    void comesBackAsItWasWritten() {
        assertThat(Preface.decode(frame(), KEY, 1_000_100)).isEqualTo(PREFACE);
    }

    @Test
    void anyChangedByteIsNoticed() {
        for (int i = 0; i < frame().readableBytes(); i++) {
            ByteBuf tampered = frame();
            tampered.setByte(tampered.readerIndex() + i, tampered.getByte(4 + i) ^ 0x20);
            assertThatThrownBy(() -> Preface.decode(tampered, KEY, 1_000_100))
                    .as("byte %d", i)
                    .isInstanceOf(PrefaceException.class);
        }
    }

    @Test
    void aCutOneIsNoticed() {
        for (int length = 0; length < frame().readableBytes(); length++) {
            ByteBuf cut = frame().readSlice(length);
            assertThatThrownBy(() -> Preface.decode(cut, KEY, 1_000_100))
                    .isInstanceOf(PrefaceException.class);
        }
    }

    @Test
    void anotherKeyOrAnOldTimeIsRefused() {
        assertThatThrownBy(() -> Preface.decode(frame(), new byte[] {9}, 1_000_100))
                .hasMessageContaining("same cluster key");
        assertThatThrownBy(() -> Preface.decode(frame(), KEY, 1_000_000 + 6 * 60_000))
                .hasMessageContaining("clocks");
    }

    private static ByteBuf frame() {
        ByteBuf encoded = PREFACE.encode(KEY);
        assertThat(encoded.readInt()).isEqualTo(encoded.readableBytes());
        return encoded;
    }
}
