/// What an offload takes from the log, and the proof that it took all of it (C17).
@NullMarked
package io.firn.tiering.cold.source;

import org.jspecify.annotations.NullMarked;
