package io.firn.tiering.table.column;

import java.util.Locale;

/// How a record's value lies in the table (FORMAT.md §5.3).
public enum Layout {
    /// Key and value as binary columns.
    RAW,
    /// Typed columns are the only copy of each value that re-encodes exactly; the others stay raw.
    COMPACT;

    /// The layout by its name in `firn.table.layout`.
    public static Layout of(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "raw" -> RAW;
            case "compact" -> COMPACT;
            default ->
                    throw new IllegalArgumentException(
                            "Cannot use table layout '%s': it is neither raw nor compact"
                                    .formatted(name));
        };
    }

    /// The name in settings and in file footers.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
