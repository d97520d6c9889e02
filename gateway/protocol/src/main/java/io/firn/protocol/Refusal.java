package io.firn.protocol;

/// Why a new connection is closed at once.
public enum Refusal {
    /// There are as many as [ConnectionLimits#max()].
    TOTAL,
    /// There are as many of its address as [ConnectionLimits#maxPerAddress()].
    ADDRESS,
    /// The file descriptors that are left belong to the log.
    DESCRIPTORS
}
