/// What a data file is and says of itself: footer, seek index, metrics, flaws.
@NullMarked
package io.firn.tiering.table.file;

import org.jspecify.annotations.NullMarked;
