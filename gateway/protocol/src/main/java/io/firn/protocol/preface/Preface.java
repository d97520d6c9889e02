package io.firn.protocol.preface;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What a gateway says first on a connection to a broker (G6): for whom it speaks, signed with the
/// cluster key. It is a frame of its own: `size, "FIRN", version, readable from, tenant, principal,
/// client host, listener, time, nonce, what later versions add, HMAC-SHA256`, strings as 2 bytes of
/// length and UTF-8. A preface is good for five minutes around its time, so who can read the
/// cluster's network can reuse it that long: use TLS there.
///
/// So that a cluster can be upgraded a node at a time, in any order, a version only adds to the one
/// before it, and *readable from* names the oldest whose reader is content with what it knows of
/// it; what it does not know it skips. A reader takes every version from [#OLDEST] on that is
/// readable for [#VERSION] or older.
///
/// @param timeMs when it was written, milliseconds since 1970
/// @param nonce random, so that no two prefaces have the same signature
public record Preface(Caller caller, long timeMs, long nonce) {
    /// A preface is never larger.
    public static final int MAX_BYTES = 4096;

    private static final int MAGIC = 0x4649524e; // FIRN

    /// The one that is written here.
    static final int VERSION = 1;

    /// The oldest that is still understood here.
    static final int OLDEST = 1;

    /// The oldest reader that understands what is written here.
    private static final int READABLE_FROM = 1;

    private static final int HMAC_BYTES = 32;
    private static final int MOST_TEXT_BYTES = 512;
    private static final Duration VALID = Duration.ofMinutes(5);

    /// The frame with its size in front; belongs to the caller.
    public ByteBuf encode(byte[] key) {
        return encode(key, VERSION, READABLE_FROM, Unpooled.EMPTY_BUFFER);
    }

    /// As a node of another version would write it.
    ///
    /// @param added what that version adds
    public ByteBuf encode(byte[] key, int version, int readableFrom, ByteBuf added) {
        ByteBuf out = Unpooled.buffer(256, MAX_BYTES + 4);
        out.writeInt(0).writeInt(MAGIC).writeByte(version).writeByte(readableFrom);
        writeString(out, caller.tenant());
        writeString(out, caller.principal());
        writeString(out, caller.clientHost());
        writeString(out, caller.listener());
        out.writeLong(timeMs).writeLong(nonce).writeBytes(added);
        out.writeBytes(sign(key, ByteBufUtil.getBytes(out, 4, out.writerIndex() - 4)));
        out.setInt(0, out.writerIndex() - 4);
        return out;
    }

    /// Reads `frame` (without its size) and checks it.
    ///
    /// @throws PrefaceException if it is no preface, not ours, or too old
    public static Preface decode(ByteBuf frame, byte[] key, long nowMs) {
        return decode(frame, key, nowMs, OLDEST, VERSION);
    }

    /// As a node would read it that understands versions `oldest` to `newest`.
    public static Preface decode(ByteBuf frame, byte[] key, long nowMs, int oldest, int newest) {
        ByteBuf in = frame.duplicate();
        try {
            if (in.readableBytes() < HMAC_BYTES + 6 || in.readInt() != MAGIC) {
                throw new PrefaceException(
                        "the connection does not begin with a Firn preface; only cluster members"
                                + " may connect to this port, clients use the gateway");
            }
            checkVersion(in.readUnsignedByte(), in.readUnsignedByte(), oldest, newest);
            checkSignature(frame, key);
            Preface preface =
                    new Preface(
                            new Caller(
                                    readString(in), readString(in), readString(in), readString(in)),
                            in.readLong(),
                            in.readLong());
            preface.checkTime(nowMs);
            return preface;
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new PrefaceException("the preface cannot be read: " + e.getMessage());
        }
    }

    private static void checkVersion(int version, int readableFrom, int oldest, int newest) {
        if (version < oldest || readableFrom > newest) {
            throw new PrefaceException(
                    "preface version %d (readable from %d on) is not supported, only %d to %d; upgrade %s first"
                            .formatted(
                                    version,
                                    readableFrom,
                                    oldest,
                                    newest,
                                    version < oldest ? "the node that sent it" : "this node"));
        }
    }

    private static void checkSignature(ByteBuf frame, byte[] key) {
        int start = frame.readerIndex();
        int signed = frame.readableBytes() - HMAC_BYTES;
        byte[] expected = sign(key, ByteBufUtil.getBytes(frame, start, signed));
        byte[] actual = ByteBufUtil.getBytes(frame, start + signed, HMAC_BYTES);
        if (!MessageDigest.isEqual(expected, actual)) {
            throw new PrefaceException(
                    "the preface's signature is wrong; all nodes need the same cluster key");
        }
    }

    private void checkTime(long nowMs) {
        if (Math.abs(nowMs - timeMs) > VALID.toMillis()) {
            throw new PrefaceException(
                    "the preface was written at %d ms, it is %d ms here; synchronise the clocks"
                            .formatted(timeMs, nowMs));
        }
    }

    private static byte[] sign(byte[] key, byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java runtime has HmacSHA256", e);
        }
    }

    private static void writeString(ByteBuf out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        checkLength(bytes.length);
        out.writeShort(bytes.length).writeBytes(bytes);
    }

    private static void checkLength(int bytes) {
        if (bytes > MOST_TEXT_BYTES) {
            throw new IllegalArgumentException(
                    "Preface: a text of %d bytes is longer than %d"
                            .formatted(bytes, MOST_TEXT_BYTES));
        }
    }

    private static String readString(ByteBuf in) {
        int length = in.readUnsignedShort();
        checkLength(length);
        return in.readCharSequence(length, StandardCharsets.UTF_8).toString();
    }
}
