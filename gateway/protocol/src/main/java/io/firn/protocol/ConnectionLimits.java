package io.firn.protocol;

import java.time.Duration;

/// How many connections a server keeps, and how long one may do nothing.
///
/// @param maxIdle after this a connection without traffic and unanswered requests is closed
/// @param max of all peers; further ones are closed at once
/// @param maxPerAddress of one peer's address
public record ConnectionLimits(Duration maxIdle, int max, int maxPerAddress) {
    /// As Kafka's: ten minutes, and as many as there are file descriptors for.
    public static final ConnectionLimits DEFAULT =
            new ConnectionLimits(Duration.ofMinutes(10), Integer.MAX_VALUE, Integer.MAX_VALUE);

    public ConnectionLimits {
        if (maxIdle.toMillis() < 1 || max < 1 || maxPerAddress < 1) {
            throw new IllegalArgumentException(
                    "Connections need room: idle for %s, %d in all and %d of one address are not all at least 1"
                            .formatted(maxIdle, max, maxPerAddress));
        }
    }
}
