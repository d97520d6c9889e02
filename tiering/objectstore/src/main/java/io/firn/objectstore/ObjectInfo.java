package io.firn.objectstore;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/// What the store says about an object without sending it.
///
/// @param crc32c eight lower-case hex digits, or null when the store does not tell (listings never
///     do)
public record ObjectInfo(ObjectKey key, long size, Instant lastModified, @Nullable String crc32c) {}
