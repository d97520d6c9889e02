package io.firn.log.model;

/// What a step does, and how often it is drawn.
enum Action {
    /// Makes the partition, or opens it again; under an id that it had before, or a new one.
    MAKE(8),
    APPEND(22),
    /// Several batches at once, to several partitions, one of them damaged now and then.
    APPEND_MANY(10),
    APPEND_IDEMPOTENT(8),
    /// Sends an acknowledged batch again.
    APPEND_AGAIN(3),
    COORDINATOR_APPEND(6),
    READ(10),
    ROLL(4),
    /// Retention, compaction, closing of idle logs, the state of them all.
    HOUSEKEEP(8),
    RETENTION(3),
    DELETE_RECORDS(5),
    /// Reads the closed segments as offload does, and lets local copies go.
    HAND_OVER(5),
    RESTART_AT(2),
    DELETE(4),
    /// The name gets a partition of another topic, without a deletion.
    TAKE_OVER(2),
    RECONFIGURE(3),
    STOP(5),
    KILL(7),
    /// A stopped log loses bytes that were synced; the folder is put back later.
    DAMAGE(1),
    RESTORE(2);

    final int weight;

    Action(int weight) {
        this.weight = weight;
    }

    /// Whether Kafka's own writes happen on the thread that asks: only its changes of the disk are
    /// moments at which nothing else is half done.
    boolean ofOneThread() {
        return switch (this) {
            case ROLL, HOUSEKEEP, RETENTION, HAND_OVER -> true;
            case MAKE,
                    APPEND,
                    APPEND_MANY,
                    APPEND_IDEMPOTENT,
                    APPEND_AGAIN,
                    COORDINATOR_APPEND,
                    READ,
                    DELETE_RECORDS,
                    RESTART_AT,
                    DELETE,
                    TAKE_OVER,
                    RECONFIGURE,
                    STOP,
                    KILL,
                    DAMAGE,
                    RESTORE ->
                    false;
        };
    }

    /// Whether it changes files itself, as an operator does.
    boolean isOperators() {
        return this == DAMAGE || this == RESTORE;
    }
}
