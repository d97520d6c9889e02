/// Records as rows, and batches put together again from them, exactly (C15, C19).
@NullMarked
package io.firn.tiering.table.row;

import org.jspecify.annotations.NullMarked;
