/// Producers and consumers that live through every fault and remember what they saw.
@NullMarked
package io.firn.chaos.load;

import org.jspecify.annotations.NullMarked;
