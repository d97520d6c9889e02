/// The `firn` command: options, the data folder, and the roles it starts.
@NullMarked
package io.firn.launcher;

import org.jspecify.annotations.NullMarked;
