/// Column buffers as Parquet pages and row groups, and back. Knows nothing of records.
@NullMarked
package io.firn.tiering.table.parquet;

import org.jspecify.annotations.NullMarked;
