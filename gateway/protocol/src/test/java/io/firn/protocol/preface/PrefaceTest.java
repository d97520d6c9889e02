package io.firn.protocol.preface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;

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

    @Test
    void aNewerPeerIsUnderstoodAsFarAsItIsKnown() { // B13: a node at a time, in any order
        ByteBuf added = Unpooled.copiedBuffer("what version 7 adds", StandardCharsets.UTF_8);
        ByteBuf newer = PREFACE.encode(KEY, 7, 1, added).skipBytes(4);
        assertThat(Preface.decode(newer, KEY, 1_000_100)).isEqualTo(PREFACE);
        assertThat(newer.setByte(80, newer.getByte(80) ^ 1)).isNotNull(); // in what was added
        assertThatThrownBy(() -> Preface.decode(newer, KEY, 1_000_100))
                .hasMessageContaining("signature");
    }

    @Test
    void anOlderPeerIsUnderstoodByANewerNode() { // B13
        assertThat(Preface.decode(frame(), KEY, 1_000_100, 1, 7)).isEqualTo(PREFACE);
    }

    @Test
    void peersTooFarApartAreToldWhoIsToBeUpgraded() { // B13
        ByteBuf tooNew = PREFACE.encode(KEY, 7, 5, Unpooled.EMPTY_BUFFER).skipBytes(4);
        assertThatThrownBy(() -> Preface.decode(tooNew, KEY, 1_000_100))
                .hasMessageContaining(
                        "version 7 (readable from 5 on) is not supported, only 1 to 1")
                .hasMessageContaining("upgrade this node first");
        assertThatThrownBy(() -> Preface.decode(frame(), KEY, 1_000_100, 3, 7))
                .hasMessageContaining("upgrade the node that sent it first");
    }

    private static ByteBuf frame() {
        ByteBuf encoded = PREFACE.encode(KEY);
        assertThat(encoded.readInt()).isEqualTo(encoded.readableBytes());
        return encoded;
    }
}
