package io.firn.objectstore;

/// An object that is now durable under its key.
///
/// @param crc32c of the whole object, eight lower-case hex digits
/// @param adopted true when the same bytes were there already, from an attempt whose answer was
///     lost
public record PutResult(ObjectKey key, long size, String crc32c, boolean adopted) {}
