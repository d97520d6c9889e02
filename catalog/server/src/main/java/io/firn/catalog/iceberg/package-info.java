/// Iceberg tables in Postgres pointers and object-store metadata; the committer and maintenance.
@org.jspecify.annotations.NullMarked
package io.firn.catalog.iceberg;
