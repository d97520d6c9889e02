/// The way of closed segments to the table: what is next, one attempt, what is said of it.
@NullMarked
package io.firn.tiering.cold.offload;

import org.jspecify.annotations.NullMarked;
