/// Confluent's schema registry protocol.
@org.jspecify.annotations.NullMarked
package io.firn.catalog.registry;
