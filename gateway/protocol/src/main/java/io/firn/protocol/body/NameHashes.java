package io.firn.protocol.body;

import org.apache.kafka.common.errors.InvalidRequestException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/// The distinct texts of a request by their hashes, to notice when they were chosen to have the
/// same. Whoever keeps names in a hash table relies on this: Kafka's own tables hash by
/// `String.hashCode` and chain or probe. Texts are judged as they came and with the tenant in
/// front, as the inside of the cluster sees them.
final class NameHashes {
    /// Fewer do no harm, however alike.
    static final int HARMLESS = 64;

    /// Distinct names of one hash: among 100,000 names two may be expected.
    private static final int MOST_ALIKE = 16;

    private static final int SECRET = new SplittableRandom().nextInt() | 1;

    private final int prefixHash;
    private int[] outside = new int[HARMLESS];
    private int[] inside = new int[HARMLESS];
    private long[] distinct = new long[4 * HARMLESS];
    private int count;
    private int last;
    private int lastInside;

    /// @param prefix that names get inside the cluster
    NameHashes(String prefix) {
        this.prefixHash = prefix.hashCode();
    }

    /// The text of `length` bytes at `position`.
    ///
    /// @return whether all of it is ASCII
    boolean add(ByteBuffer body, int position, int length) {
        int hash = 0;
        int second = length;
        int power = 1;
        int all = 0;
        for (int i = position; i < position + length; i++) {
            byte letter = body.get(i);
            all |= letter;
            hash = 31 * hash + letter;
            power *= 31;
            second = (second ^ letter) * SECRET;
            second ^= second >>> 15;
        }
        if (all < 0) {
            byte[] bytes = new byte[length];
            body.get(position, bytes);
            String text = new String(bytes, StandardCharsets.UTF_8);
            hash = text.hashCode();
            power = 1;
            for (int i = 0; i < text.length(); i++) {
                power *= 31;
            }
        }
        last = hash;
        lastInside = prefixHash * power + hash;
        if (isNew((long) hash << 32 | second & 0xffff_ffffL)) {
            if (count == outside.length) {
                outside = Arrays.copyOf(outside, 2 * count);
                inside = Arrays.copyOf(inside, 2 * count);
            }
            outside[count] = hash;
            inside[count] = lastInside;
            count++;
            if (4 * count > distinct.length) {
                grow();
            }
        }
        return all >= 0;
    }

    /// Of the text that was added last, as it came.
    int lastHash() {
        return last;
    }

    /// Of the text that was added last, with the tenant in front.
    int lastInsideHash() {
        return lastInside;
    }

    private boolean isNew(long key) {
        int mask = distinct.length - 1;
        long wanted = key == 0 ? 1 : key; // 0 is a free slot
        int slot = slot(wanted, mask);
        while (distinct[slot] != 0) {
            if (distinct[slot] == wanted) {
                return false;
            }
            slot = slot + 1 & mask;
        }
        distinct[slot] = wanted;
        return true;
    }

    private void grow() {
        long[] before = distinct;
        distinct = new long[4 * before.length];
        for (long key : before) {
            if (key != 0) {
                isNew(key);
            }
        }
    }

    private static int slot(long key, int mask) {
        long mixed = (key ^ SECRET) * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 40) & mask;
    }

    /// @param mostSteps that a table of them may take
    /// @throws InvalidRequestException if many have one hash
    /// @throws BodyWeigher.Exceeded if a table of them would take longer
    void check(long mostSteps) {
        if (count <= HARMLESS) {
            return;
        }
        check(outside, mostSteps);
        check(inside, mostSteps);
    }

    /// @throws InvalidRequestException if many of the first `count` are the same
    static void requireFewAlike(int[] hashes, int count, String what) {
        int[] sorted = Arrays.copyOf(hashes, count);
        Arrays.sort(sorted);
        for (int i = MOST_ALIKE; i < count; i++) {
            if (sorted[i] == sorted[i - MOST_ALIKE]) {
                throw new InvalidRequestException(
                        "More than %d %s of the request have the hash %d; they were chosen to collide"
                                .formatted(MOST_ALIKE, what, sorted[i]));
            }
        }
    }

    private void check(int[] hashes, long mostSteps) {
        requireFewAlike(hashes, count, "names");
        TableCost.requireGrowing(hashes, count, mostSteps, "names");
    }
}
