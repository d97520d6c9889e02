/// `/health` and `/prometheus` of a process.
@NullMarked
package io.firn.launcher.health;

import org.jspecify.annotations.NullMarked;
