package io.firn.log.model;

import org.jspecify.annotations.Nullable;

/// A record as it was sent; values are never sent twice.
///
/// @param timestamp milliseconds; null where the log stamps it
record Rec(String key, String value, @Nullable Long timestamp) {
    /// Of records that no retention by age keeps.
    static final long OLD = 1_000;

    boolean old() {
        return timestamp != null && timestamp == OLD;
    }

    Rec young() {
        return old() ? new Rec(key, value, System.currentTimeMillis()) : this;
    }

    int bytes() {
        return key.length() + value.length() + 12;
    }
}
