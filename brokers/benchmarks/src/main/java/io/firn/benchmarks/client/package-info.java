/// Load generators: they know the Kafka protocol and no server.
@NullMarked
package io.firn.benchmarks.client;

import org.jspecify.annotations.NullMarked;
