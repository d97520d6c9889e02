package io.firn.demo;

import java.util.function.Function;

/// One of the demo's topics and how a flight is written to it.
record DemoTopic(String name, Function<Flight, byte[]> value) {}
