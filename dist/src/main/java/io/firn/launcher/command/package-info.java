/// The commands of `firn`, and what a process does for its own start.
@NullMarked
package io.firn.launcher.command;

import org.jspecify.annotations.NullMarked;
