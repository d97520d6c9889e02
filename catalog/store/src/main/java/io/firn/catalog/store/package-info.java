/// The catalog's Postgres: schema, queries and the tiering transaction. The only place that speaks
/// SQL.
///
/// From the bottom up: `sql`, `lease`, `table`, `segment`, `schema`, `commit`; [CatalogStore] has
/// them all.
@org.jspecify.annotations.NullMarked
package io.firn.catalog.store;
