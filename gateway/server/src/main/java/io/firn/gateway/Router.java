package io.firn.gateway;

import io.firn.protocol.SupportedApi;
import io.firn.protocol.TenantNames;

import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.DescribeProducersRequest;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetDeleteRequest;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.SyncGroupRequest;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Says for each API who answers, and what of a request decides between brokers. Pure: it looks at
/// the request only, never at records.
final class Router {
    private Router() {}

    /// @throws IllegalArgumentException if the API is not served
    static Route route(ApiKeys key) {
        return route(SupportedApi.of(key));
    }

    private static Route route(SupportedApi api) {
        return switch (api) {
            case API_VERSIONS,
                    METADATA,
                    DESCRIBE_CLUSTER,
                    DESCRIBE_TOPIC_PARTITIONS,
                    FIND_COORDINATOR ->
                    Route.HERE;
            case PRODUCE,
                    FETCH,
                    LIST_OFFSETS,
                    OFFSET_FOR_LEADER_EPOCH,
                    DELETE_RECORDS,
                    DESCRIBE_PRODUCERS ->
                    Route.BY_LEADER;
            case JOIN_GROUP,
                    SYNC_GROUP,
                    HEARTBEAT,
                    LEAVE_GROUP,
                    OFFSET_COMMIT,
                    OFFSET_FETCH,
                    OFFSET_DELETE,
                    DESCRIBE_GROUPS,
                    DELETE_GROUPS,
                    CONSUMER_GROUP_HEARTBEAT,
                    CONSUMER_GROUP_DESCRIBE ->
                    Route.BY_COORDINATOR;
            case CREATE_TOPICS,
                    DELETE_TOPICS,
                    CREATE_PARTITIONS,
                    DESCRIBE_CONFIGS,
                    ALTER_CONFIGS,
                    INCREMENTAL_ALTER_CONFIGS,
                    INIT_PRODUCER_ID ->
                    Route.ANY_BROKER;
            case LIST_GROUPS, DESCRIBE_LOG_DIRS -> Route.WHOLE_CLUSTER;
        };
    }

    /// A partition by the topic's inside name or its id.
    record Partition(TopicKey topic, int partition) {}

    /// The partitions that a request by leader is about.
    static Set<Partition> partitions(AbstractRequest request, TenantNames names) {
        Set<Partition> found = new HashSet<>();
        switch (request) {
            case ProduceRequest produce -> {
                for (var topic : produce.data().topicData()) {
                    TopicKey key = TopicKey.of(topic.topicId(), names.inside(topic.name()));
                    for (var partition : topic.partitionData()) {
                        found.add(new Partition(key, partition.index()));
                    }
                }
            }
            case FetchRequest fetch -> {
                for (var topic : fetch.data().topics()) {
                    TopicKey key = TopicKey.of(topic.topicId(), names.inside(topic.topic()));
                    for (var partition : topic.partitions()) {
                        found.add(new Partition(key, partition.partition()));
                    }
                }
            }
            case ListOffsetsRequest list -> {
                for (var topic : list.data().topics()) {
                    for (var partition : topic.partitions()) {
                        found.add(named(names, topic.name(), partition.partitionIndex()));
                    }
                }
            }
            case OffsetsForLeaderEpochRequest epochs -> {
                for (var topic : epochs.data().topics()) {
                    for (var partition : topic.partitions()) {
                        found.add(named(names, topic.topic(), partition.partition()));
                    }
                }
            }
            case DeleteRecordsRequest delete -> {
                for (var topic : delete.data().topics()) {
                    for (var partition : topic.partitions()) {
                        found.add(named(names, topic.name(), partition.partitionIndex()));
                    }
                }
            }
            case DescribeProducersRequest describe -> {
                for (var topic : describe.data().topics()) {
                    for (int partition : topic.partitionIndexes()) {
                        found.add(named(names, topic.name(), partition));
                    }
                }
            }
            default -> throw noRoute(request);
        }
        return found;
    }

    /// The groups that a request by coordinator is about, by their outside names.
    static Collection<String> groups(AbstractRequest request) {
        return switch (request) {
            case JoinGroupRequest join -> List.of(join.data().groupId());
            case SyncGroupRequest sync -> List.of(sync.data().groupId());
            case HeartbeatRequest heartbeat -> List.of(heartbeat.data().groupId());
            case LeaveGroupRequest leave -> List.of(leave.data().groupId());
            case OffsetCommitRequest commit -> List.of(commit.data().groupId());
            case OffsetDeleteRequest delete -> List.of(delete.data().groupId());
            case ConsumerGroupHeartbeatRequest heartbeat -> List.of(heartbeat.data().groupId());
            case OffsetFetchRequest fetch ->
                    fetch.version() < 8
                            ? List.of(fetch.data().groupId())
                            : fetch.data().groups().stream().map(g -> g.groupId()).toList();
            case DescribeGroupsRequest describe -> describe.data().groups();
            case DeleteGroupsRequest delete -> delete.data().groupsNames();
            case ConsumerGroupDescribeRequest describe -> describe.data().groupIds();
            default -> throw noRoute(request);
        };
    }

    private static Partition named(TenantNames names, String topic, int partition) {
        return new Partition(new TopicKey.Named(names.inside(topic)), partition);
    }

    private static IllegalArgumentException noRoute(AbstractRequest request) {
        return new IllegalArgumentException("No route is known for " + request.apiKey());
    }
}
