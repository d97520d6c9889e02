package io.firn.benchmarks.client;

/// Latencies in buckets that are at most 1/64 wide: percentiles of any number of values in 30 KB.
/// Used by one thread at a time; [#add(Latencies)] joins those of several.
public final class Latencies {
    private static final int SUB_BITS = 6;
    private static final int SUB = 1 << SUB_BITS;

    private final long[] counts = new long[(64 - SUB_BITS + 1) * SUB];
    private long total;

    /// @param nanos a latency; below 0 counts as 0
    public void record(long nanos) {
        counts[bucket(Math.max(0, nanos))]++;
        total++;
    }

    public void add(Latencies other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        total += other.total;
    }

    public long total() {
        return total;
    }

    /// The largest value of the bucket in which the percentile lies: at most 1/64 above the truth.
    ///
    /// @param percent above 0, up to 100
    /// @return nanoseconds; 0 without values
    public long percentile(double percent) {
        long wanted = Math.max(1, (long) Math.ceil(total * percent / 100.0 - 1e-9));
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted) {
                return upperEnd(i);
            }
        }
        return 0;
    }

    public double millis(double percent) {
        return percentile(percent) / 1e6;
    }

    /// Below `SUB` a value is its own bucket; above, the top bits after the leading one choose it.
    static int bucket(long nanos) {
        int shift = Math.max(0, 63 - Long.numberOfLeadingZeros(nanos | 1) - SUB_BITS);
        return shift == 0 ? (int) nanos : shift * SUB + (int) (nanos >>> shift);
    }

    static long upperEnd(int bucket) {
        if (bucket < 2 * SUB) {
            return bucket;
        }
        int shift = bucket / SUB - 1;
        long top = bucket - (long) shift * SUB;
        return ((top + 1) << shift) - 1;
    }
}
