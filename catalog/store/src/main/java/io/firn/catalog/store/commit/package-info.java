/// The one transaction that makes a range both tiered and committed (C2).
@NullMarked
package io.firn.catalog.store.commit;

import org.jspecify.annotations.NullMarked;
