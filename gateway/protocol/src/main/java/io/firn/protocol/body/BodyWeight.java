package io.firn.protocol.body;

/// What a request's body becomes when it is parsed.
///
/// @param heapBytes estimate of the objects that it is parsed into
/// @param entries elements of its arrays and tagged fields, at all depths
public record BodyWeight(int heapBytes, int entries) {}
