package io.firn.log;

/// When an append counts (R19); chosen once for a cluster.
public enum Durability {
    /// Once its journal group is synced: a power cut of the whole cluster loses nothing
    /// acknowledged.
    STRICT,
    /// Once it is written to the journal without waiting for the device: survives a killed process.
    REPLICATED
}
