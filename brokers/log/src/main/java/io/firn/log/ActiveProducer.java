package io.firn.log;

/// What the log remembers of a producer (DescribeProducers).
///
/// @param currentTxnStartOffset -1 when no transaction is open
public record ActiveProducer(
        long producerId,
        int producerEpoch,
        int lastSequence,
        long lastTimestamp,
        int coordinatorEpoch,
        long currentTxnStartOffset) {}
