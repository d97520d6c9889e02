package io.firn.log.partition;

import org.apache.kafka.common.errors.KafkaStorageException;

/// What is on disk of a log is not what it should be: it is not used until an operator decides
/// (R20, L14).
public final class SuspectLogException extends KafkaStorageException {
    private static final long serialVersionUID = 1;

    public SuspectLogException(String message) {
        super(message);
    }
}
