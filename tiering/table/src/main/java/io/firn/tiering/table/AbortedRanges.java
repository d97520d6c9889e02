package io.firn.tiering.table;

import com.fasterxml.jackson.databind.JsonNode;

import io.firn.tiering.table.batch.BatchHeader;
import io.firn.tiering.table.file.SeekIndexJson;

import java.util.ArrayList;
import java.util.List;

/// The aborted transactions of a segment: their batches never become rows.
final class AbortedRanges {
    private record Range(long producerId, long first, long last) {}

    private final List<Range> ranges = new ArrayList<>();

    AbortedRanges(String abortIndexJson) {
        if (abortIndexJson.isBlank()) {
            return;
        }
        for (JsonNode entry : SeekIndexJson.read(abortIndexJson)) {
            JsonNode id = entry.has("producerId") ? entry.get("producerId") : entry.path("pid");
            if (!id.isNumber()
                    || !entry.path("firstOffset").isNumber()
                    || !entry.path("lastOffset").isNumber()) {
                throw new IllegalArgumentException(
                        "Cannot encode a segment: its abort index has an entry without producerId, firstOffset and lastOffset: "
                                + entry);
            }
            ranges.add(
                    new Range(
                            id.asLong(),
                            entry.path("firstOffset").asLong(),
                            entry.path("lastOffset").asLong()));
        }
    }

    boolean contains(BatchHeader batch) {
        if (!batch.transactional()) {
            return false;
        }
        for (Range range : ranges) {
            if (range.producerId == batch.producerId()
                    && batch.baseOffset() >= range.first
                    && batch.lastOffset() <= range.last) {
                return true;
            }
        }
        return false;
    }
}
