/// Kafka frames out of a byte stream, and the memory that they hold.
@NullMarked
package io.firn.protocol.frame;

import org.jspecify.annotations.NullMarked;
