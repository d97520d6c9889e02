package io.firn.gateway.answer;

import org.apache.kafka.common.acl.AclOperation;

import java.util.List;

/// What a caller may do, as the bits that Kafka's clients ask for. There is no authorizer yet, so
/// it is all that the kind of resource knows.
final class Operations {
    static final int TOPIC =
            bits(
                    AclOperation.READ,
                    AclOperation.WRITE,
                    AclOperation.CREATE,
                    AclOperation.DESCRIBE,
                    AclOperation.DELETE,
                    AclOperation.ALTER,
                    AclOperation.DESCRIBE_CONFIGS,
                    AclOperation.ALTER_CONFIGS);
    static final int CLUSTER =
            bits(
                    AclOperation.CREATE,
                    AclOperation.CLUSTER_ACTION,
                    AclOperation.DESCRIBE_CONFIGS,
                    AclOperation.ALTER_CONFIGS,
                    AclOperation.IDEMPOTENT_WRITE,
                    AclOperation.ALTER,
                    AclOperation.DESCRIBE);

    /// A client that did not ask gets this.
    static final int NOT_ASKED = Integer.MIN_VALUE;

    private Operations() {}

    private static int bits(AclOperation... operations) {
        return List.of(operations).stream()
                .mapToInt(operation -> 1 << operation.code())
                .reduce(0, (a, b) -> a | b);
    }
}
