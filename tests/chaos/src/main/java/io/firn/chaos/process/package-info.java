/// What is started and broken: Firn, its backends, their network and disk.
@NullMarked
package io.firn.chaos.process;

import org.jspecify.annotations.NullMarked;
