package io.firn.chaos.check;

import io.firn.chaos.check.Finding.Kind;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Holds reads of one partition against what was sent to it (RULES §7: J1 to J5, J7, J8, J13, J14,
/// J17, as far as they mean something without transactions).
///
/// Every acknowledged record has to be in every read that covers its offset: once, at its offset,
/// in order, with its content. A send of unknown outcome may be there once, or not. Takes the
/// history as it is when the checker is made, so sends have to be quiet from then on. Time is
/// O(n log n), memory about 30 bytes a send and 4 an offset; findings are bounded.
public final class Checker {
    /// More of one kind say nothing new.
    static final int MAX_FINDINGS = 200;

    private final int partition;
    final History.Sends sends;
    final long[] sorted;
    private final int[] sendOf;
    private final long[] offsetOf;
    private int[] sendAt = new int[1024]; // by offset, +1; 0: not read yet
    private final List<Finding> findings = new ArrayList<>();
    private long suppressed;

    public Checker(History history, int partition) {
        this.partition = partition;
        this.sends = history.copy(partition);
        this.sorted = sends.value.clone();
        Arrays.sort(sorted);
        this.sendOf = new int[sends.count];
        this.offsetOf = new long[sends.count];
        Arrays.fill(offsetOf, -1);
        for (int i = 0; i < sends.count; i++) {
            sendOf[Arrays.binarySearch(sorted, sends.value[i])] = i;
        }
        checkAcks();
    }

    /// J14, and two sends at one offset.
    private void checkAcks() {
        long[] acked = new long[sends.count];
        int count = 0;
        for (int i = 0; i < sends.count; i++) {
            if (sends.outcome[i] != History.ACKED) {
                continue;
            }
            acked[count++] = sends.offset[i];
            if (sends.offset[i] <= sends.floor[i]) {
                add(
                        Kind.STALE_ACK,
                        "sends",
                        sends.offset[i],
                        sends.value[i],
                        "offset %d was acknowledged before it was sent".formatted(sends.floor[i]));
            }
        }
        Arrays.sort(acked, 0, count);
        for (int i = 1; i < count; i++) {
            if (acked[i] == acked[i - 1]) {
                add(Kind.DUPLICATE, "sends", acked[i], -1, "acknowledged to two sends");
            }
        }
    }

    /// A read of the offsets `[from, to)`, which has to show all of them in order.
    ///
    /// @param source how it reads, for the findings
    /// @param whole whether nothing below `from` exists, so that batches can be judged
    public Reading read(String source, long from, long to, boolean whole) {
        return new Reading(this, source, from, to, whole);
    }

    public List<Finding> findings() {
        return List.copyOf(findings);
    }

    /// Findings beyond the bound, which were only counted.
    public long suppressed() {
        return suppressed;
    }

    void add(Kind kind, String source, long offset, long value, String message) {
        if (findings.size() < MAX_FINDINGS) {
            findings.add(new Finding(kind, source, partition, offset, value, message));
        } else {
            suppressed++;
        }
    }

    /// The send of this value, or -1.
    int find(long value) {
        int at = Arrays.binarySearch(sorted, value);
        return at < 0 ? -1 : sendOf[at];
    }

    /// J1, J2: each value at one offset and each offset with one value, over all reads.
    void place(String source, int send, long offset) {
        if (offset >= sendAt.length) {
            sendAt =
                    Arrays.copyOf(
                            sendAt, Math.toIntExact(Math.max(offset + 1, 2L * sendAt.length)));
        }
        int other = sendAt[(int) offset] - 1;
        if (other >= 0 && other != send) {
            add(
                    Kind.INCONSISTENT,
                    source,
                    offset,
                    sends.value[send],
                    "an earlier read showed value %x there".formatted(sends.value[other]));
        }
        sendAt[(int) offset] = send + 1;
        if (offsetOf[send] >= 0 && offsetOf[send] != offset) {
            add(
                    Kind.DUPLICATE,
                    source,
                    offset,
                    sends.value[send],
                    "it is at offset %d as well".formatted(offsetOf[send]));
        }
        offsetOf[send] = offset;
    }
}
