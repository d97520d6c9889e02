package io.firn.benchmarks.client;

/// What a load moved.
///
/// @param payloadBytes record values, before compression
/// @param records how many
/// @param requests how many requests carried them; 0 where a stock client hides them
/// @param seconds from the first request to the last response
public record Volume(long payloadBytes, long records, long requests, double seconds) {
    /// 10^6 bytes a second.
    public double megabytesPerSecond() {
        return payloadBytes / 1e6 / seconds;
    }

    public double gibibytes() {
        return payloadBytes / (double) (1 << 30);
    }
}
