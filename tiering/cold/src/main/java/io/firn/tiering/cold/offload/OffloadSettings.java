package io.firn.tiering.cold.offload;

import java.nio.file.Path;
import java.time.Duration;

/// How the offloader works.
///
/// @param spool local folder for files on their way; belongs to the offloader alone and is swept at
///     start
/// @param memory file of what was seen of the catalog; has to outlive the process (C16)
/// @param parallel how many ranges at most are encoded and uploaded at once (C10)
/// @param maxRangeBytes closed segments are joined up to this many log bytes
/// @param tick how often partitions are looked at
/// @param attemptDeadline an attempt that takes longer is abandoned (C10); below the sweeper's
///     grace
/// @param wakeAfter how long after its deadline a step's thread is interrupted; after four times as
///     long it is left behind
/// @param retention how often retention over both tiers is judged
public record OffloadSettings(
        Path spool,
        Path memory,
        int parallel,
        long maxRangeBytes,
        Duration tick,
        Duration attemptDeadline,
        Duration wakeAfter,
        Duration backoff,
        Duration maxBackoff,
        Duration retention) {
    public static OffloadSettings of(Path spool, Path memory) {
        return new OffloadSettings(
                spool,
                memory,
                2,
                128L << 20,
                Duration.ofMillis(250),
                Duration.ofMinutes(15),
                Duration.ofSeconds(5),
                Duration.ofMillis(200),
                Duration.ofSeconds(20),
                Duration.ofSeconds(30));
    }
}
