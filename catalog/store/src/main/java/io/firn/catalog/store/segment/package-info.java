/// A segment's way to its commit, and where a cold read finds it.
@NullMarked
package io.firn.catalog.store.segment;

import org.jspecify.annotations.NullMarked;
