/// A segment's record batches as Parquet rows of the topic's Iceberg table, and back, record for
/// record (FORMAT.md).
@NullMarked
package io.firn.tiering.table;

import org.jspecify.annotations.NullMarked;
