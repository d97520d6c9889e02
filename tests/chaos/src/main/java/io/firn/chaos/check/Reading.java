package io.firn.chaos.check;

import io.firn.chaos.check.Finding.Kind;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/// One read of one partition, record after record. Call [#record] in the order of the read, then
/// [#end]. One thread.
public final class Reading {
    /// A record whose bytes are not what any send of ours looks like.
    public static final long NOT_OURS = -1;

    private final Checker checker;
    private final History.Sends sends;
    private final String source;
    private final long from;
    private final long to;
    private final boolean whole;
    private final BitSet seen = new BitSet();
    private final Map<Integer, Long> lastOfClient = new HashMap<>();
    private long last;
    private long count;

    Reading(Checker checker, String source, long from, long to, boolean whole) {
        this.checker = checker;
        this.sends = checker.sends;
        this.source = source;
        this.from = from;
        this.to = to;
        this.whole = whole;
        this.last = from - 1;
    }

    /// @param value what the record says it is, or [#NOT_OURS]
    /// @param hash of its content as read
    public void record(long offset, long value, int hash) {
        count++;
        order(offset, value);
        int send = value == NOT_OURS ? -1 : checker.find(value);
        if (send < 0) {
            Kind kind = value == NOT_OURS ? Kind.TORN : Kind.PHANTOM;
            add(kind, offset, value, "nobody sent such a record");
            return;
        }
        if (sends.outcome[send] == History.FAILED) {
            add(Kind.PHANTOM, offset, value, "it was refused");
        }
        if (sends.hash[send] != hash) {
            add(Kind.TORN, offset, value, "its content is not what was sent");
        }
        if (sends.outcome[send] == History.ACKED && sends.offset[send] != offset) {
            add(
                    Kind.WRONG_OFFSET,
                    offset,
                    value,
                    "it was acknowledged at %d".formatted(sends.offset[send]));
        }
        if (seen.get(send)) {
            add(Kind.DUPLICATE, offset, value, "this read has shown it before");
        }
        seen.set(send);
        checker.place(source, send, offset);
        inClientOrder(offset, value);
    }

    private void order(long offset, long value) {
        if (offset == last) {
            add(Kind.DUPLICATE, offset, value, "the offset comes twice");
        } else if (offset < last) {
            add(Kind.REORDERED, offset, value, "it comes after offset %d".formatted(last));
        } else if (offset > last + 1 && last + 1 < to) {
            add(
                    Kind.GAP,
                    last + 1,
                    value,
                    "offsets [%d, %d) are missing".formatted(last + 1, offset));
        }
        last = Math.max(last, offset);
    }

    private void inClientOrder(long offset, long value) {
        int client = (int) (value >>> History.COUNTER_BITS);
        Long before = lastOfClient.put(client, value);
        if (before != null && before > value) {
            add(
                    Kind.OVERTAKEN,
                    offset,
                    value,
                    "it comes after value %x of the same client".formatted(before));
        }
    }

    /// The read is over: what should have been in it, and was not?
    ///
    /// @return how many records it showed
    public long end() {
        if (last + 1 < to) {
            add(Kind.GAP, last + 1, -1, "offsets [%d, %d) are missing".formatted(last + 1, to));
        }
        Map<Integer, int[]> batches = new HashMap<>();
        for (int i = 0; i < sends.count; i++) {
            boolean there = seen.get(i);
            boolean covered = sends.offset[i] >= from && sends.offset[i] < to;
            if (sends.outcome[i] == History.ACKED && covered && !there) {
                add(Kind.LOST, sends.offset[i], sends.value[i], "acknowledged, and not there");
            }
            if (sends.batch[i] >= 0 && sends.outcome[i] != History.FAILED) { // was in no batch
                int[] parts = batches.computeIfAbsent(sends.batch[i], b -> new int[2]);
                parts[there ? 0 : 1]++;
            }
        }
        if (whole) {
            batches.forEach(
                    (batch, parts) -> {
                        if (parts[0] > 0 && parts[1] > 0 && reaches(batch)) {
                            add(
                                    Kind.TORN,
                                    -1,
                                    -1,
                                    "of batch %d, %d records are there and %d are not"
                                            .formatted(batch, parts[0], parts[1]));
                        }
                    });
        }
        return count;
    }

    /// A batch that the end of this read cuts is no torn batch: its missing part has offsets.
    private boolean reaches(int batch) {
        for (int i = 0; i < sends.count; i++) {
            boolean outside =
                    sends.offset[i] >= to || (sends.offset[i] >= 0 && sends.offset[i] < from);
            if (sends.batch[i] == batch && outside) {
                return false;
            }
        }
        return true;
    }

    private void add(Kind kind, long offset, long value, String message) {
        checker.add(kind, source, offset, value, message);
    }
}
