package io.firn.catalog.client;

/// What a writer of data files needs to know of a topic's table.
///
/// @param tableId id of the table in the catalog (Iceberg's table uuid)
/// @param namespace Iceberg namespace, the tenant
/// @param name table name
/// @param location `s3://bucket/tenant/table-topicId`, without a trailing slash
/// @param icebergSchemaJson current schema with the field ids to write (Iceberg's `SchemaParser`)
/// @param mappingJson per registry schema id the column plan, as `io.firn.schema` made it
/// @param layout `raw` or `compact` (FORMAT §5.3)
/// @param specId partition spec to write for; 0 is unpartitioned
public record TableSpec(
        String tableId,
        String namespace,
        String name,
        String location,
        String icebergSchemaJson,
        String mappingJson,
        String layout,
        int specId) {}
