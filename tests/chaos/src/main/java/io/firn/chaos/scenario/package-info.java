/// What `./firn chaos` runs.
@NullMarked
package io.firn.chaos.scenario;

import org.jspecify.annotations.NullMarked;
