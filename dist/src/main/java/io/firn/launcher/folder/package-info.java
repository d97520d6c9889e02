/// The data folder of a process, and the keys in it.
@NullMarked
package io.firn.launcher.folder;

import org.jspecify.annotations.NullMarked;
