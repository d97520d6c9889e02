/// `./firn demo`: produces a real data set, watches it move to the table, replays it and queries
/// it, through the same doors that everyone uses: the Kafka address, the schema registry, the
/// Iceberg REST catalog.
@NullMarked
package io.firn.demo;

import org.jspecify.annotations.NullMarked;
