/// Offsets: by name, time and epoch, over both tiers; and the deletion of records.
@NullMarked
package io.firn.broker.offsets;

import org.jspecify.annotations.NullMarked;
