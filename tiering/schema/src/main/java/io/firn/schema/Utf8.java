package io.firn.schema;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Says whether bytes are well-formed UTF-8: engines refuse files whose strings are not.
public final class Utf8 {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long NOT_ASCII = 0x8080808080808080L;

    private Utf8() {}

    /// The text with replacement characters for what is not UTF-8.
    public static byte[] replaced(byte[] bytes, int from, int length) {
        return new String(bytes, from, length, StandardCharsets.UTF_8)
                .getBytes(StandardCharsets.UTF_8);
    }

    public static boolean valid(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            while (i + 8 <= to && ((long) LONGS.get(bytes, i) & NOT_ASCII) == 0) {
                i += 8;
            }
            if (i == to) {
                return true;
            }
            int length = sequence(bytes, i, to);
            if (length == 0) {
                return false;
            }
            i += length;
        }
        return true;
    }

    /// Length of the well-formed sequence at `i`, 0 when there is none.
    private static int sequence(byte[] b, int i, int to) {
        int lead = b[i] & 0xff;
        if (lead < 0x80) {
            return 1;
        }
        if (lead < 0xc2 || lead > 0xf4) {
            return 0;
        }
        int length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (i + length > to) {
            return 0;
        }
        int second = b[i + 1] & 0xff;
        int low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80; // no overlong forms
        int high =
                lead == 0xed
                        ? 0x9f
                        : lead == 0xf4 ? 0x8f : 0xbf; // no surrogates, nothing above U+10FFFF
        if (second < low || second > high) {
            return 0;
        }
        for (int k = 2; k < length; k++) {
            if ((b[i + k] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return length;
    }
}
