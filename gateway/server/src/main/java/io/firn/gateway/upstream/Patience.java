package io.firn.gateway.upstream;

import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.SyncGroupRequest;

import java.util.concurrent.TimeUnit;

/// How long a broker may think about a request because the request says so. One for each
/// connection: a SyncGroup waits as long as the JoinGroup before it said.
final class Patience {
    private static final long OF_A_GROUP_MS = TimeUnit.MINUTES.toMillis(5);

    private long rebalanceMs = OF_A_GROUP_MS;

    long of(AbstractRequest request) {
        return Math.max(
                0,
                switch (request) {
                    case FetchRequest fetch -> fetch.maxWait();
                    case ProduceRequest produce -> produce.timeout();
                    case JoinGroupRequest join -> {
                        rebalanceMs =
                                Math.max(
                                        rebalanceMs,
                                        Math.max(
                                                join.data().rebalanceTimeoutMs(),
                                                join.data().sessionTimeoutMs()));
                        yield rebalanceMs;
                    }
                    case SyncGroupRequest sync -> rebalanceMs;
                    case CreateTopicsRequest create -> create.data().timeoutMs();
                    case DeleteTopicsRequest delete -> delete.data().timeoutMs();
                    case CreatePartitionsRequest create -> create.data().timeoutMs();
                    case DeleteRecordsRequest delete -> delete.data().timeoutMs();
                    case ListOffsetsRequest list -> list.data().timeoutMs();
                    default -> 0;
                });
    }
}
