package io.firn.catalog.client;

/// A part of a committed segment and the file that holds it.
///
/// @param path `s3://bucket/...`
/// @param size bytes of the whole file
/// @param seekIndexJson row groups with their offsets and byte ranges (FORMAT §5.4)
public record ColdExtent(String path, long size, long start, long end, String seekIndexJson) {}
