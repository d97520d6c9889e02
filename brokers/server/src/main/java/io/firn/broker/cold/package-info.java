/// The way between the hot log and the table: offload, cold reads, and their figures.
@NullMarked
package io.firn.broker.cold;

import org.jspecify.annotations.NullMarked;
