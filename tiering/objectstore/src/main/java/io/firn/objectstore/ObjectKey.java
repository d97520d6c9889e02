package io.firn.objectstore;

import java.nio.charset.StandardCharsets;

/// Name of an object in its bucket, for example `public/orders-0f3c.../data/0/....parquet`.
///
/// @param name at most 1,024 bytes of UTF-8, parts divided by single slashes, none of them empty,
///     `.` or `..`
public record ObjectKey(String name) {
    public ObjectKey {
        if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > 1024) {
            throw new IllegalArgumentException(
                    "Object key '%s' must have 1 to 1024 bytes".formatted(name));
        }
        for (String part : name.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                throw new IllegalArgumentException(
                        "Object key '%s' must not have empty, '.' or '..' parts".formatted(name));
            }
        }
    }

    /// The key inside an address such as `s3://bucket/a/b`, or `address` itself when it has no
    /// scheme.
    public static ObjectKey ofAddress(String address) {
        int scheme = address.indexOf("://");
        if (scheme < 0) {
            return new ObjectKey(address);
        }
        int slash = address.indexOf('/', scheme + 3);
        if (slash < 0) {
            throw new IllegalArgumentException(
                    "Address '%s' names a bucket, not an object".formatted(address));
        }
        return new ObjectKey(address.substring(slash + 1));
    }

    @Override
    public String toString() {
        return name;
    }
}
