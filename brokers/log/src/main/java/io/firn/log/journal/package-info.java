/// The synced ring that makes a write group durable, and how it is given back (L5).
@NullMarked
package io.firn.log.journal;

import org.jspecify.annotations.NullMarked;
