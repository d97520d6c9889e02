package io.firn.gateway.route;

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
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Says for each API who answers, and what of a request decides between brokers. Pure: it looks at
/// the request only, never at records.
public final class Router {
    private Router() {}

    /// @throws IllegalArgumentException if the API is not served
    public static Route route(ApiKeys key) {
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

    /// Visits the topics of a request by leader, in its order and as often as it names them, with
    /// the partitions that it names of each. Nothing is collected: keys that clients choose may all
    /// have one hash (G12).
    static void eachTopic(
            AbstractRequest request, TenantNames names, BiConsumer<TopicKey, IntStream> visit) {
        switch (request) {
            case ProduceRequest produce ->
                    each(
                            produce.data().topicData(),
                            topic -> TopicKey.of(topic.topicId(), names.inside(topic.name())),
                            topic -> topic.partitionData().stream().mapToInt(p -> p.index()),
                            visit);
            case FetchRequest fetch ->
                    each(
                            fetch.data().topics(),
                            topic -> TopicKey.of(topic.topicId(), names.inside(topic.topic())),
                            topic -> topic.partitions().stream().mapToInt(p -> p.partition()),
                            visit);
            case ListOffsetsRequest list ->
                    each(
                            list.data().topics(),
                            topic -> named(names, topic.name()),
                            topic -> topic.partitions().stream().mapToInt(p -> p.partitionIndex()),
                            visit);
            case OffsetsForLeaderEpochRequest epochs ->
                    each(
                            epochs.data().topics(),
                            topic -> named(names, topic.topic()),
                            topic -> topic.partitions().stream().mapToInt(p -> p.partition()),
                            visit);
            case DeleteRecordsRequest delete ->
                    each(
                            delete.data().topics(),
                            topic -> named(names, topic.name()),
                            topic -> topic.partitions().stream().mapToInt(p -> p.partitionIndex()),
                            visit);
            case DescribeProducersRequest describe ->
                    each(
                            describe.data().topics(),
                            topic -> named(names, topic.name()),
                            topic -> topic.partitionIndexes().stream().mapToInt(p -> p),
                            visit);
            default -> throw noRoute(request);
        }
    }

    private static <T> void each(
            Iterable<T> topics,
            Function<T, TopicKey> key,
            Function<T, IntStream> partitions,
            BiConsumer<TopicKey, IntStream> visit) {
        for (T topic : topics) {
            visit.accept(key.apply(topic), partitions.apply(topic));
        }
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

    private static TopicKey named(TenantNames names, String topic) {
        return new TopicKey.Named(names.inside(topic));
    }

    private static IllegalArgumentException noRoute(AbstractRequest request) {
        return new IllegalArgumentException("No route is known for " + request.apiKey());
    }
}
