/// Record batches as they lie in memory: their headers, their records, whether they are whole.
@NullMarked
package io.firn.tiering.table.batch;

import org.jspecify.annotations.NullMarked;
