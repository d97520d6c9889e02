package io.firn.schema;

import java.time.LocalDate;
import java.time.ZoneOffset;

/// The times that every engine can read and show: years 1 to 9999, UTC.
public final class Years {
    public static final long LEAST_DAY = LocalDate.of(1, 1, 1).toEpochDay();
    public static final long MOST_DAY = LocalDate.of(9999, 12, 31).toEpochDay();
    public static final long LEAST_MILLIS =
            LocalDate.of(1, 1, 1).atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli();

    /// The last millisecond of the year 9999.
    public static final long MOST_MILLIS =
            LocalDate.of(10_000, 1, 1).atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli() - 1;

    private Years() {}

    /// Whether milliseconds since 1970 lie in them.
    public static boolean contain(long millis) {
        return millis >= LEAST_MILLIS && millis <= MOST_MILLIS;
    }

    /// These milliseconds, or the nearest ones in these years.
    public static long nearest(long millis) {
        return Math.clamp(millis, LEAST_MILLIS, MOST_MILLIS);
    }
}
