/// Row groups fetched, decoded and cached, so that producers do not wait for it.
@NullMarked
package io.firn.tiering.cold.load;

import org.jspecify.annotations.NullMarked;
