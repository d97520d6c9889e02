/// How brokers ask the catalog: the words of the tiering protocol (FORMAT §6.1) and its HTTP
/// client.
@org.jspecify.annotations.NullMarked
package io.firn.catalog.client;
