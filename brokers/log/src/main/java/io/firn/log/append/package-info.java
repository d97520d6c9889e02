/// From a batch that a client sent to a write group that is durable: checks, the log thread,
/// the appends (L2, L3).
@NullMarked
package io.firn.log.append;

import org.jspecify.annotations.NullMarked;
