package io.firn.tiering.table.column;

import io.firn.schema.ColumnLayout;

import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;

/// Where a table's columns are among the leaves of its files.
public final class TableColumns {
    private static final int LAST_OWN = 14; // headers have two leaves

    public final Schema iceberg;
    public final ColumnLayout layout;
    public final int partition;
    public final int offset;
    public final int timestamp;
    public final int createTime;
    public final int timestampType;
    public final int leaderEpoch;
    public final int key;
    public final int headerKey;
    public final int headerValue;
    public final int valueKind;
    public final int schemaId;
    public final int valueRaw;
    public final int batch;
    public final int timestampMs;
    public final int headersRaw;
    public final int firstValue;
    public final int leaves;

    public TableColumns(String icebergSchemaJson) {
        iceberg = SchemaParser.fromJson(icebergSchemaJson);
        layout = new ColumnLayout(IcebergColumns.columns(iceberg));
        partition = leaf(TopicTableSchema.PARTITION);
        offset = leaf(TopicTableSchema.OFFSET);
        timestamp = leaf(TopicTableSchema.TIMESTAMP);
        createTime = leaf(TopicTableSchema.CREATE_TIME);
        timestampType = leaf(TopicTableSchema.TIMESTAMP_TYPE);
        leaderEpoch = leaf(TopicTableSchema.LEADER_EPOCH);
        key = leaf(TopicTableSchema.KEY);
        headerKey = leaf(TopicTableSchema.HEADERS);
        headerValue = headerKey + 1;
        valueKind = leaf(TopicTableSchema.VALUE_KIND);
        schemaId = leaf(TopicTableSchema.SCHEMA_ID);
        valueRaw = leaf(TopicTableSchema.VALUE_RAW);
        batch = leaf(TopicTableSchema.BATCH);
        timestampMs = leaf(TopicTableSchema.TIMESTAMP_MS);
        headersRaw = leaf(TopicTableSchema.HEADERS_RAW);
        firstValue = headersRaw + 1;
        leaves = layout.leaves().size();
        if (headersRaw != LAST_OWN) {
            throw new IllegalArgumentException(
                    "Cannot use the table: Firn's columns must come first and in their order, but %s is leaf %d"
                            .formatted(TopicTableSchema.HEADERS_RAW, headersRaw));
        }
    }

    private int leaf(String name) {
        int leaf = layout.leafOf(name);
        if (leaf < 0) {
            throw new IllegalArgumentException(
                    "Cannot use the table: it has no column %s, so it was made by a Firn of another format than %d. Drop the topic and make it again, or begin with a new data folder."
                            .formatted(name, TopicTableSchema.FORMAT));
        }
        return leaf;
    }
}
