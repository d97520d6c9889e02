package io.firn.controller.request;

import io.firn.controller.raft.RaftNode;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.message.AddRaftVoterResponseData;
import org.apache.kafka.common.message.BeginQuorumEpochResponseData;
import org.apache.kafka.common.message.DescribeQuorumResponseData;
import org.apache.kafka.common.message.EndQuorumEpochResponseData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchSnapshotResponseData;
import org.apache.kafka.common.message.RemoveRaftVoterResponseData;
import org.apache.kafka.common.message.UpdateRaftVoterResponseData;
import org.apache.kafka.common.message.VoteResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AddRaftVoterResponse;
import org.apache.kafka.common.requests.BeginQuorumEpochResponse;
import org.apache.kafka.common.requests.DescribeQuorumResponse;
import org.apache.kafka.common.requests.EndQuorumEpochResponse;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.FetchSnapshotResponse;
import org.apache.kafka.common.requests.RemoveRaftVoterResponse;
import org.apache.kafka.common.requests.UpdateRaftVoterResponse;
import org.apache.kafka.common.requests.VoteResponse;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.raft.KafkaRaftClient;
import org.apache.kafka.raft.RaftRequest;
import org.apache.kafka.raft.RaftResponse;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// Hands the quorum's own requests to the Raft client and wraps its answers.
final class RaftRequests {
    private static final Set<ApiKeys> SERVED =
            EnumSet.of(
                    ApiKeys.VOTE,
                    ApiKeys.BEGIN_QUORUM_EPOCH,
                    ApiKeys.END_QUORUM_EPOCH,
                    ApiKeys.FETCH,
                    ApiKeys.FETCH_SNAPSHOT,
                    ApiKeys.DESCRIBE_QUORUM,
                    ApiKeys.ADD_RAFT_VOTER,
                    ApiKeys.REMOVE_RAFT_VOTER,
                    ApiKeys.UPDATE_RAFT_VOTER);

    private final KafkaRaftClient<?> client;

    RaftRequests(KafkaRaftClient<?> client) {
        this.client = client;
    }

    static boolean serves(ApiKeys api) {
        return SERVED.contains(api);
    }

    CompletionStage<AbstractResponse> serve(InboundRequest request) {
        return client.handle(
                        new RaftRequest.Inbound(
                                RaftNode.LISTENER,
                                request.header().correlationId(),
                                request.header().apiVersion(),
                                request.body().data(),
                                Time.SYSTEM.milliseconds()))
                .thenApply(RaftResponse.Outbound::data)
                .thenApply(RaftRequests::response);
    }

    private static AbstractResponse response(ApiMessage data) {
        return switch (data) {
            case VoteResponseData d -> new VoteResponse(d);
            case BeginQuorumEpochResponseData d -> new BeginQuorumEpochResponse(d);
            case EndQuorumEpochResponseData d -> new EndQuorumEpochResponse(d);
            case FetchResponseData d -> FetchResponse.of(d);
            case FetchSnapshotResponseData d -> new FetchSnapshotResponse(d);
            case DescribeQuorumResponseData d -> new DescribeQuorumResponse(d);
            case AddRaftVoterResponseData d -> new AddRaftVoterResponse(d);
            case RemoveRaftVoterResponseData d -> new RemoveRaftVoterResponse(d);
            case UpdateRaftVoterResponseData d -> new UpdateRaftVoterResponse(d);
            default ->
                    throw new IllegalStateException(
                            "Raft answered with " + data.getClass().getSimpleName());
        };
    }
}
