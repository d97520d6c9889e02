/// The cold tier: the way of closed segments to the table, and back for readers of old offsets.
@NullMarked
package io.firn.tiering.cold;

import org.jspecify.annotations.NullMarked;
