package io.firn.controller;

import java.util.function.DoubleSupplier;

/// One figure of a controller, for whoever publishes it.
///
/// @param name with dots, such as `firn.controller.active`
/// @param description what it counts, in words
public record ControllerGauge(String name, String description, DoubleSupplier value) {}
