package io.firn.log;

import java.time.Instant;

/// The segment that takes appends, when it has records.
///
/// @param firstAppend when its first record was appended in this process, or the file's last change
///     after a restart
public record ActiveSegment(long baseOffset, long sizeBytes, Instant firstAppend) {}
