package io.firn.log.model;

import java.util.List;

/// A batch on its way: acknowledged, refused, or of unknown outcome.
///
/// @param producer -1 for none
record Sent(List<Rec> records, long producer, int sequence) {
    Sent(List<Rec> records) {
        this(records, -1, -1);
    }

    int count() {
        return records.size();
    }
}
