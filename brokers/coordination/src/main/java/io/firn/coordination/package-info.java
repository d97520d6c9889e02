/// Kafka's own coordinators over Firn's hot log: groups now, shares and transactions later. Each
/// coordinator's state is what its internal, compacted topic says (RULES I12).
@NullMarked
package io.firn.coordination;

import org.jspecify.annotations.NullMarked;
