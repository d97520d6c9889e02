/// The log thread: it appends what waits, and what it drains becomes one durable write group (L3).
/// Full halves of the ring are given back here (L5).
@NullMarked
package io.firn.log.append;

import org.jspecify.annotations.NullMarked;
