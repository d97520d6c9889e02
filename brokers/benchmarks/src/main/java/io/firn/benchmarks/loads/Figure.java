package io.firn.benchmarks.loads;

import java.util.Locale;

/// What is measured of a run.
public enum Figure {
    MB_PER_SECOND("MB/s", 0, true),
    CPU_PER_GIB("CPU-s/GiB", 2, false),
    KERNEL_PER_GIB("of it kernel", 2, false),
    CPU_MICROS_PER_RECORD("µs CPU a record", 2, false),
    FIRST_RECORD_CPU_MILLIS("ms CPU, first record of a partition", 2, false),
    P50_MILLIS("p50 ms", 2, false),
    P99_MILLIS("p99 ms", 2, false),
    P999_MILLIS("p99.9 ms", 2, false),
    FIRST_USE_SECONDS("all partitions used, s", 2, false),
    P99_ALONE_MILLIS("others' p99 ms, alone", 2, false),
    P99_BESIDE_MILLIS("others' p99 ms, beside it", 2, false),
    RECORDS_PER_SECOND("records/s", 0, true),
    START_SECONDS("start again, s", 2, false),
    START_AFTER_KILL_SECONDS("start after kill -9, s", 2, false),
    IDLE_CPU_PERCENT("CPU % of a core, idle", 2, false),
    RESIDENT_MIB("RSS MiB", 0, false),
    RESIDENT_ALL_MIB("RSS MiB with its Postgres", 0, false),
    OFFLOAD_MB_PER_CORE("offload MB/s a core", 0, true),
    OFFLOAD_MB_PER_SECOND("offload MB/s", 0, true),
    COLD_MB_PER_CORE("cold read MB/s a core", 0, true),
    COLD_MB_PER_SECOND("cold read MB/s", 0, true);

    private final String title;
    private final int decimals;
    private final boolean higherIsBetter;

    Figure(String title, int decimals, boolean higherIsBetter) {
        this.title = title;
        this.decimals = decimals;
        this.higherIsBetter = higherIsBetter;
    }

    public String title() {
        return title;
    }

    public boolean higherIsBetter() {
        return higherIsBetter;
    }

    /// A value as the tables show it.
    public String text(double value) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
