/// The catalog: Iceberg REST, schema registry, the committer, and the doors to them.
@org.jspecify.annotations.NullMarked
package io.firn.catalog;
