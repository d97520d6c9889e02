package io.firn.catalog.store.table;

import org.jspecify.annotations.Nullable;

import java.util.UUID;

/// An Iceberg table: its name and where its current metadata lies.
///
/// @param namespace levels joined by U+001F, as Iceberg's REST paths do
/// @param prefix the folder that the table owns, without a slash at its end (C18)
/// @param topicId the topic whose past this is, or null for an ordinary table
public record TableRow(
        UUID tableId,
        String namespace,
        String name,
        String metadataLocation,
        String prefix,
        long commitSeq,
        @Nullable UUID topicId) {}
