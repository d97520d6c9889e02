package io.firn.tiering.cold;

import io.firn.tiering.table.Recompression;

/// How cold reads work.
///
/// @param cacheBytes budget of decoded row groups, shared by all readers
/// @param parallel how many row groups are fetched and decoded at once
/// @param decoders how many of them are decoded, not waiting for the store, at once; half of the
///     processors, so that the other half is there for producers and hot readers
/// @param maxWaiting more reads than this at once are refused with a retriable error
/// @param readAhead whether the row group after the one just read is fetched too
/// @param wire codec of rebuilt batches
public record ColdSettings(
        long cacheBytes,
        int parallel,
        int decoders,
        int maxWaiting,
        boolean readAhead,
        Recompression wire) {
    public static ColdSettings defaults() {
        return new ColdSettings(
                Math.max(32L << 20, Runtime.getRuntime().maxMemory() / 16),
                4,
                Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
                1_000,
                true,
                Recompression.NONE);
    }
}
