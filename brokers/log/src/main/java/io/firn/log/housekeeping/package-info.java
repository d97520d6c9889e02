/// What is done for logs from time to time: retention, compaction, closing idle ones.
@NullMarked
package io.firn.log.housekeeping;

import org.jspecify.annotations.NullMarked;
