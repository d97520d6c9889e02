/// The way of closed segments to the table, and the way back for readers of old offsets.
@NullMarked
package io.firn.tiering.cold;

import org.jspecify.annotations.NullMarked;
