/// One pool of connections, and the one place where SQL's errors become ours.
@NullMarked
package io.firn.catalog.store.sql;

import org.jspecify.annotations.NullMarked;
