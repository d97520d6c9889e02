/// Schemas, subjects and versions.
@NullMarked
package io.firn.catalog.store.schema;

import org.jspecify.annotations.NullMarked;
