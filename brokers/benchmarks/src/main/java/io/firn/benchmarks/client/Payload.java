package io.firn.benchmarks.client;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Record values that look like events: JSON with ids, numbers and words, so that codecs find about
/// as much to do as in real traffic (lz4 halves it, zstd does better). The same seed gives the same
/// bytes.
public final class Payload {
    private static final int WORDS = 2048;

    private final SplittableRandom random;
    private final String[] words = new String[WORDS];

    public Payload(long seed) {
        this.random = new SplittableRandom(seed);
        var spelling = new SplittableRandom(7);
        for (int i = 0; i < WORDS; i++) {
            var word = new StringBuilder();
            for (int letters = spelling.nextInt(3, 11); letters > 0; letters--) {
                word.append((char) ('a' + spelling.nextInt(26)));
            }
            words[i] = word.toString();
        }
    }

    /// @param bytes the value's exact size
    public byte[] next(int bytes) {
        var text = new StringBuilder(bytes + 32);
        text.append("{\"id\":\"")
                .append(Long.toHexString(random.nextLong()))
                .append("\",\"user\":")
                .append(random.nextInt(1_000_000))
                .append(",\"note\":\"");
        while (text.length() < bytes) {
            text.append(words[random.nextInt(WORDS)]).append(' ');
        }
        byte[] all = text.toString().getBytes(StandardCharsets.US_ASCII);
        return Arrays.copyOf(all, bytes);
    }
}
