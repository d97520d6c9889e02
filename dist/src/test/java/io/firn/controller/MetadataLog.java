package io.firn.controller;

import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.raft.KafkaRaftClient;
import org.apache.kafka.server.common.ApiMessageAndVersion;

import java.util.List;

/// Writes to a controller's log what no controller would write.
public final class MetadataLog {
    private MetadataLog() {}

    public static void append(ControllerNode leader, ApiMessage record) {
        KafkaRaftClient<ApiMessageAndVersion> raft = leader.raft().client();
        raft.prepareAppend(
                raft.leaderAndEpoch().epoch(),
                List.of(new ApiMessageAndVersion(record, (short) 0)));
        raft.schedulePreparedAppend();
    }
}
