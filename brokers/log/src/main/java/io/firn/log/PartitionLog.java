package io.firn.log;

/// The log of one partition on this broker. Thread safe. An object stays valid while its partition
/// exists: files open on use and close when idle behind it. Each of its users sees the part that it
/// uses; what is here is for who keeps logs.
///
/// Any call throws `KafkaStorageException` once the disk or this log is offline (R20).
public interface PartitionLog extends AppendableLog, SearchableLog, CoordinatorLog, TieredLog {
    /// Throws all local records away and goes on at this offset: a replica that starts at the cold
    /// end (L6). What lies in `[logStart, offset)` is in the table.
    void restartAt(long offset, long logStart);

    /// Applies `retention.ms` and `retention.bytes`, or the local ones where the topic has a table.
    void applyRetention(long nowMillis);

    /// Bytes of the local segments; answers for a closed log from the state file.
    long sizeBytes();
}
