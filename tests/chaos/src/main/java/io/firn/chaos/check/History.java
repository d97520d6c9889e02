package io.firn.chaos.check;

import java.util.Arrays;

/// What was sent to one topic and what became of it. A send is *unknown* until it is acknowledged
/// or definitely refused; it may then be in the log, once, or not. Safe for any number of threads.
///
/// About 40 bytes a send: ten million fit into half a gigabyte.
public final class History {
    /// Bits of a value below the client's number: values are `client << 40 | counter`.
    public static final int COUNTER_BITS = 40;

    static final byte UNKNOWN = 0;
    static final byte ACKED = 1;
    static final byte FAILED = 2;

    /// The sends to one partition, in the order in which they began.
    static final class Sends {
        long[] value = new long[1024];
        long[] offset = new long[1024];
        long[] floor = new long[1024];
        int[] hash = new int[1024];
        int[] batch = new int[1024];
        byte[] outcome = new byte[1024];
        int count;
        long highestAcked = -1;

        private void grow() {
            int size = Math.multiplyExact(value.length, 2);
            value = Arrays.copyOf(value, size);
            offset = Arrays.copyOf(offset, size);
            floor = Arrays.copyOf(floor, size);
            hash = Arrays.copyOf(hash, size);
            batch = Arrays.copyOf(batch, size);
            outcome = Arrays.copyOf(outcome, size);
        }
    }

    private final Sends[] partitions;

    public History(int partitions) {
        this.partitions = new Sends[partitions];
        Arrays.setAll(this.partitions, p -> new Sends());
    }

    public int partitions() {
        return partitions.length;
    }

    /// A send begins.
    ///
    /// @param value unique; of one client rising
    /// @param hash of all its content
    /// @param batch number of the batch it is a part of (all or nothing), or -1 when not known
    /// @return names the send for [#acked] and [#failed]
    public int begin(int partition, long value, int hash, int batch) {
        Sends sends = partitions[partition];
        synchronized (sends) {
            if (sends.count == sends.value.length) {
                sends.grow();
            }
            int at = sends.count++;
            sends.value[at] = value;
            sends.offset[at] = -1;
            sends.floor[at] = sends.highestAcked;
            sends.hash[at] = hash;
            sends.batch[at] = batch;
            sends.outcome[at] = UNKNOWN;
            return at;
        }
    }

    public void acked(int partition, int send, long offset) {
        Sends sends = partitions[partition];
        synchronized (sends) {
            sends.outcome[send] = ACKED;
            sends.offset[send] = offset;
            sends.highestAcked = Math.max(sends.highestAcked, offset);
        }
    }

    /// Refused for certain: it is in no log (RULES §7, outcome classes).
    public void failed(int partition, int send) {
        Sends sends = partitions[partition];
        synchronized (sends) {
            sends.outcome[send] = FAILED;
        }
    }

    /// The highest acknowledged offset, -1 when none is.
    public long highestAcked(int partition) {
        Sends sends = partitions[partition];
        synchronized (sends) {
            return sends.highestAcked;
        }
    }

    /// Sends with an answer that says yes.
    public long ackedCount() {
        return count(ACKED);
    }

    /// Sends of which nobody knows.
    public long unknownCount() {
        return count(UNKNOWN);
    }

    public long failedCount() {
        return count(FAILED);
    }

    private long count(byte outcome) {
        long count = 0;
        for (Sends sends : partitions) {
            synchronized (sends) {
                for (int i = 0; i < sends.count; i++) {
                    count += sends.outcome[i] == outcome ? 1 : 0;
                }
            }
        }
        return count;
    }

    /// The partition as it is now, for the checker.
    Sends copy(int partition) {
        Sends sends = partitions[partition];
        synchronized (sends) {
            Sends copy = new Sends();
            copy.count = sends.count;
            copy.value = Arrays.copyOf(sends.value, sends.count);
            copy.offset = Arrays.copyOf(sends.offset, sends.count);
            copy.floor = Arrays.copyOf(sends.floor, sends.count);
            copy.hash = Arrays.copyOf(sends.hash, sends.count);
            copy.batch = Arrays.copyOf(sends.batch, sends.count);
            copy.outcome = Arrays.copyOf(sends.outcome, sends.count);
            copy.highestAcked = sends.highestAcked;
            return copy;
        }
    }
}
