package io.firn.log;

/// How far a read may go (R14).
public enum Isolation {
    /// Up to the high watermark.
    UNCOMMITTED,
    /// Up to the last stable offset, with the aborted transactions in the range.
    COMMITTED,
    /// Up to the durable end: for replicas and for a coordinator that loads its state.
    LOG_END
}
