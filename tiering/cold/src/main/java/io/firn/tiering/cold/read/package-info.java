/// Answers of the cold tier: batches, offsets by time, ends of epochs (C5, C11).
@NullMarked
package io.firn.tiering.cold.read;

import org.jspecify.annotations.NullMarked;
