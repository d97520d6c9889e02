package io.firn.broker.partition;

import org.apache.kafka.common.protocol.Errors;

/// What a request for one partition meets here.
public sealed interface PartitionLookup {
    record Led(LedPartition partition) implements PartitionLookup {}

    record Refused(Errors error) implements PartitionLookup {}
}
