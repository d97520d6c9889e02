/// One partition's log: its life cycle, its files, what of it is durable, and what readers ask it.
@NullMarked
package io.firn.log.partition;

import org.jspecify.annotations.NullMarked;
