package io.firn.broker;

import org.apache.kafka.common.protocol.Errors;

/// What a request for one partition meets here.
sealed interface Lookup {
    record Led(LedPartition partition) implements Lookup {}

    record Refused(Errors error) implements Lookup {}
}
