/// The Postgres that `firn standalone` brings along.
@org.jspecify.annotations.NullMarked
package io.firn.catalog.store.embedded;
