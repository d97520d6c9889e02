/// Deletes objects that nothing names (C6).
@NullMarked
package io.firn.tiering.cold.sweep;

import org.jspecify.annotations.NullMarked;
