package io.firn.catalog.store.table;

import org.jspecify.annotations.Nullable;

import java.util.UUID;

/// A topic that the catalog knows, and its table.
///
/// @param tableId null when its table was dropped or never made
/// @param mapping column plans per schema id; empty before the first schema
public record TopicRow(
        UUID topicId,
        String tenant,
        String topic,
        @Nullable UUID tableId,
        String mapping,
        String layout,
        boolean dropped) {}
