package io.firn.tiering.table.column;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;

import io.firn.schema.Column;
import io.firn.schema.ColumnPlanner;

import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.types.Types;

import java.util.List;

/// The Iceberg schema of a topic's table: Firn's own columns (FORMAT.md §5.1) and those that
/// registry schemas need.
public final class TopicTableSchema {
    public static final String PARTITION = "_kafka_partition";
    public static final String OFFSET = "_kafka_offset";
    public static final String TIMESTAMP = "_kafka_timestamp";
    public static final String CREATE_TIME = "_kafka_create_time";
    public static final String TIMESTAMP_TYPE = "_kafka_timestamp_type";
    public static final String LEADER_EPOCH = "_kafka_leader_epoch";
    public static final String KEY = "_kafka_key";
    public static final String HEADERS = "_kafka_headers";
    public static final String VALUE_KIND = "_kafka_value_kind";
    public static final String SCHEMA_ID = "_kafka_schema_id";
    public static final String VALUE_RAW = "_kafka_value_raw";
    public static final String BATCH = "_kafka_batch";
    public static final String TIMESTAMP_MS = "_kafka_timestamp_ms";
    public static final String HEADERS_RAW = "_kafka_headers_raw";

    /// Version of what is in a data file, in its footer under `firn.format`.
    public static final int FORMAT = 2;

    private TopicTableSchema() {}

    /// A table's columns and their mapping after a registry schema was added.
    ///
    /// @param changed whether the table has to be altered at all
    public record Evolved(Schema schema, String mappingJson, boolean changed) {}

    /// The columns that every topic's table begins with. The ids are those that Iceberg's
    /// `createTable` would assign, so it leaves them as they are.
    public static Schema base() {
        return new Schema(
                required(1, PARTITION, Types.IntegerType.get()),
                required(2, OFFSET, Types.LongType.get()),
                required(3, TIMESTAMP, Types.TimestampType.withZone()),
                optional(4, CREATE_TIME, Types.TimestampType.withZone()),
                required(5, TIMESTAMP_TYPE, Types.IntegerType.get()),
                required(6, LEADER_EPOCH, Types.IntegerType.get()),
                optional(7, KEY, Types.BinaryType.get()),
                required(
                        8,
                        HEADERS,
                        Types.ListType.ofRequired(
                                15,
                                Types.StructType.of(
                                        required(16, "key", Types.StringType.get()),
                                        optional(17, "value", Types.BinaryType.get())))),
                required(9, VALUE_KIND, Types.IntegerType.get()),
                optional(10, SCHEMA_ID, Types.IntegerType.get()),
                optional(11, VALUE_RAW, Types.BinaryType.get()),
                optional(12, BATCH, Types.BinaryType.get()),
                optional(13, TIMESTAMP_MS, Types.LongType.get()),
                optional(14, HEADERS_RAW, Types.BinaryType.get()));
    }

    /// {@link #base} as Iceberg's JSON.
    public static String baseJson() {
        return SchemaParser.toJson(base());
    }

    /// Adds the columns that one registry schema needs beside those that are there. Adding the same
    /// schema again changes nothing. A schema that cannot be columns at all (its values stay raw)
    /// changes nothing either.
    ///
    /// @param current the table's schema
    /// @param mappingJson the mapping so far, empty text at first
    public static Evolved evolve(
            Schema current, String mappingJson, int schemaId, String avroText) {
        List<Column> columns = IcebergColumns.columns(current);
        ColumnPlanner.Planned planned =
                ColumnPlanner.plan(columns, mappingJson, schemaId, avroText);
        if (planned.columns().equals(columns)) {
            return new Evolved(current, planned.mappingJson(), false);
        }
        Schema schema = IcebergColumns.schema(planned.columns());
        return new Evolved(schema, planned.mappingJson(), true);
    }
}
