/// A loaded Firn that is stopped and started again, and then checked in full.
@NullMarked
package io.firn.chaos.round;

import org.jspecify.annotations.NullMarked;
