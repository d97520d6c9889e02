package io.firn.benchmarks.servers;

import java.nio.file.Path;

/// What is installed where.
///
/// @param firnHome Firn's distribution, with `bin/firn`
/// @param kafkaLib the folder with Apache Kafka's jars
/// @param heap of each server, as `-Xmx` takes it
public record Installation(Path firnHome, Path kafkaLib, String heap) {}
