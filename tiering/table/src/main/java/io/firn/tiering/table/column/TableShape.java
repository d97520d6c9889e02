package io.firn.tiering.table.column;

/// What the encoder must know of a topic's table.
///
/// @param icebergSchemaJson the table's current schema (`SchemaParser.toJson`), with the ids that
///     the table assigned
/// @param mappingJson which column holds which field of which registry schema, as {@link
///     TopicTableSchema#evolve} made it; empty text when no registry schema has columns yet
/// @param layout `raw` or `compact`
/// @param specId id of the table's partition spec; only the unpartitioned one is written
public record TableShape(String icebergSchemaJson, String mappingJson, Layout layout, int specId) {
    public static final TableShape EMPTY_RAW =
            new TableShape(TopicTableSchema.baseJson(), "", Layout.RAW, 0);
}
