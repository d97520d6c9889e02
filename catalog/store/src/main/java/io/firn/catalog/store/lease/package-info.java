/// Who may commit now: leases with fencing epochs.
@NullMarked
package io.firn.catalog.store.lease;

import org.jspecify.annotations.NullMarked;
