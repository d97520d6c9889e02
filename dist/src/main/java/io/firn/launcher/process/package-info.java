/// The roles of a process, put together from the settings: all of them, or one.
@NullMarked
package io.firn.launcher.process;

import org.jspecify.annotations.NullMarked;
