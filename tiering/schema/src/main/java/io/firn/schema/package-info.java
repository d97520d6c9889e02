/// Schemas and columns: which columns a registry schema needs, and the exact way of a value into
/// them and back (FORMAT.md §3, §5.6). Knows Avro; nothing of Kafka, Parquet or Iceberg.
@NullMarked
package io.firn.schema;

import org.jspecify.annotations.NullMarked;
