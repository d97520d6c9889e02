/// The partitions that this broker leads, and who waits for one of them to move.
@NullMarked
package io.firn.broker.partition;

import org.jspecify.annotations.NullMarked;
