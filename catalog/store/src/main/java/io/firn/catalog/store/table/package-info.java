/// Iceberg tables, the topics that have one, and files that tables gave up.
@NullMarked
package io.firn.catalog.store.table;

import org.jspecify.annotations.NullMarked;
