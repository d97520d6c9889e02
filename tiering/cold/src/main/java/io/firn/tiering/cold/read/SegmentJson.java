package io.firn.tiering.cold.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.firn.tiering.cold.ColdUnavailableException;
import io.firn.tiering.cold.read.ColdRead.AbortedRange;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// The two small JSON texts that a segment row carries, in the form that [OffloadSource] documents.
public final class SegmentJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Leader epoch and the first offset it wrote.
    public record EpochStart(int epoch, long startOffset) {}

    private SegmentJson() {}

    static List<AbortedRange> aborted(@Nullable String json) {
        var ranges = new ArrayList<AbortedRange>();
        for (JsonNode n : array(json, "abort index")) {
            long pid = n.has("producerId") ? n.get("producerId").asLong() : n.path("pid").asLong();
            ranges.add(
                    new AbortedRange(
                            pid, n.path("firstOffset").asLong(), n.path("lastOffset").asLong()));
        }
        return ranges;
    }

    public static List<EpochStart> lineage(@Nullable String json) {
        var epochs = new ArrayList<EpochStart>();
        for (JsonNode n : array(json, "epoch lineage")) {
            epochs.add(new EpochStart(n.path("epoch").asInt(), n.path("startOffset").asLong()));
        }
        return epochs;
    }

    private static Iterable<JsonNode> array(@Nullable String json, String what) {
        if (json == null || json.isBlank()) {
            return List.of();
        }
        try {
            JsonNode node = JSON.readTree(json);
            return node.isArray() ? node : List.of();
        } catch (JsonProcessingException e) {
            throw new ColdUnavailableException("Cannot read %s '%s'".formatted(what, json), e);
        }
    }
}
