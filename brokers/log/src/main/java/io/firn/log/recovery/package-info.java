/// The way back after a crash: marks, checkpoints, replay, and what is kept for an operator (L7).
@NullMarked
package io.firn.log.recovery;

import org.jspecify.annotations.NullMarked;
