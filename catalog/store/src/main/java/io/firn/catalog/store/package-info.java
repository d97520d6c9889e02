/// The catalog's Postgres: schema, queries and the tiering transaction. The only place that speaks
/// SQL.
@org.jspecify.annotations.NullMarked
package io.firn.catalog.store;
