package io.firn.broker.group;

import io.firn.coordination.GroupCoordination;
import io.firn.coordination.GroupMemory;
import io.firn.coordination.TenantRegex;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;
import org.apache.kafka.common.requests.ConsumerGroupDescribeResponse;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;
import org.apache.kafka.image.TopicsImage;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// Groups of the consumer protocol (KIP-848), where the coordinator assigns the partitions.
/// Assignments carry topic ids, which need no mapping.
final class ConsumerGroups {
    /// The epoch of a member that goes for good.
    private static final int LEAVES = ConsumerGroupHeartbeatRequest.LEAVE_GROUP_MEMBER_EPOCH;

    /// The longest session that Kafka allows.
    private static final int SESSION_MS = 60_000;

    /// A partition in a group's target and in a member's assignment.
    private static final int PARTITION_BYTES = 112;

    private final GroupCoordination coordination;

    ConsumerGroups(GroupCoordination coordination) {
        this.coordination = coordination;
    }

    CompletableFuture<ConsumerGroupHeartbeatResponse> heartbeat(
            GroupCall call, ConsumerGroupHeartbeatRequest request) {
        try {
            return beat(call, request);
        } catch (ApiException e) { // said in words, which this API has a field for
            return CompletableFuture.completedFuture(
                    new ConsumerGroupHeartbeatResponse(
                            new ConsumerGroupHeartbeatResponseData()
                                    .setErrorCode(Errors.forException(e).code())
                                    .setErrorMessage(e.getMessage())));
        }
    }

    private CompletableFuture<ConsumerGroupHeartbeatResponse> beat(
            GroupCall call, ConsumerGroupHeartbeatRequest request) {
        GroupNames names = call.names();
        ConsumerGroupHeartbeatRequestData data = request.data().duplicate();
        data.setGroupId(names.groupWithMembers(data.groupId()));
        GroupSizes.requireName(data.groupId());
        long bytes = GroupSizes.of(data, call.header().clientId());
        if (data.subscribedTopicNames() != null) {
            data.setSubscribedTopicNames(
                    data.subscribedTopicNames().stream().map(names::topic).toList());
        }
        if (data.subscribedTopicRegex() != null) {
            data.setSubscribedTopicRegex(
                    new TenantRegex(call.caller().tenant()).inside(data.subscribedTopicRegex()));
        }
        Optional<GroupMemory.Reservation> reserved = reserve(data, bytes);
        return coordination
                .coordinatorFor(data.groupId())
                .thenCompose(it -> it.consumerGroupHeartbeat(call.context(), data))
                .whenComplete((beat, error) -> settle(data, reserved, beat))
                .thenApply(
                        beat ->
                                new ConsumerGroupHeartbeatResponse(
                                        beat.duplicate()
                                                .setErrorMessage(
                                                        names.message(
                                                                beat.errorMessage(),
                                                                data.groupId()))));
    }

    /// Whoever joins, or says anew what it wants, holds that from now on, and its group what it may
    /// be assigned.
    private Optional<GroupMemory.Reservation> reserve(
            ConsumerGroupHeartbeatRequestData data, long bytes) {
        GroupMemory memory = coordination.memory();
        if (data.memberEpoch() < 0
                || (data.subscribedTopicNames() == null && data.subscribedTopicRegex() == null)) {
            memory.heard(data.groupId(), data.memberId());
            return Optional.empty();
        }
        memory.mayAssign(data.groupId(), PARTITION_BYTES * (long) partitions(data));
        return Optional.of(
                memory.reserve(
                        data.groupId(),
                        data.memberId(),
                        bytes,
                        Math.max(SESSION_MS, data.rebalanceTimeoutMs()),
                        Long.MAX_VALUE));
    }

    /// How many partitions the group could be assigned for what this member wants, at most.
    private int partitions(ConsumerGroupHeartbeatRequestData data) {
        TopicsImage topics = coordination.image().topics();
        if (data.subscribedTopicRegex() != null && !data.subscribedTopicRegex().isEmpty()) {
            return topics.topicsById().values().stream()
                    .mapToInt(it -> it.partitions().size())
                    .sum();
        }
        List<String> names = data.subscribedTopicNames();
        return names == null
                ? 0
                : names.stream()
                        .map(topics::getTopic)
                        .filter(Objects::nonNull)
                        .mapToInt(it -> it.partitions().size())
                        .sum();
    }

    /// @param beat `null` when the coordinator failed
    private void settle(
            ConsumerGroupHeartbeatRequestData data,
            Optional<GroupMemory.Reservation> reserved,
            @Nullable ConsumerGroupHeartbeatResponseData beat) {
        if (beat == null || beat.errorCode() != Errors.NONE.code()) {
            reserved.ifPresent(GroupMemory.Reservation::refused);
        } else if (data.memberEpoch() == LEAVES) {
            coordination.memory().left(data.groupId(), data.memberId());
        } else {
            reserved.ifPresent(it -> it.keptAs(beat.memberId()));
        }
    }

    CompletableFuture<ConsumerGroupDescribeResponse> describe(
            GroupCall call, ConsumerGroupDescribeRequest request) {
        GroupNames names = call.names();
        List<String> groups =
                request.data().groupIds().stream().distinct().map(names::groupWithMembers).toList();
        boolean operations = request.data().includeAuthorizedOperations();
        return coordination
                .coordinatorForAll()
                .thenCompose(it -> it.consumerGroupDescribe(call.context(), groups))
                .thenApply(
                        described -> {
                            List<DescribedGroup> mapped = new ArrayList<>();
                            described.forEach(it -> mapped.add(outside(it, call, operations)));
                            return new ConsumerGroupDescribeResponse(
                                    new ConsumerGroupDescribeResponseData().setGroups(mapped));
                        });
    }

    private static DescribedGroup outside(
            DescribedGroup inside, GroupCall call, boolean operations) {
        GroupNames names = call.names();
        TenantRegex regex = new TenantRegex(call.caller().tenant());
        DescribedGroup group = inside.duplicate();
        group.setErrorMessage(names.message(inside.errorMessage(), inside.groupId()));
        group.setGroupId(names.outside(inside.groupId()));
        for (ConsumerGroupDescribeResponseData.Member member : group.members()) {
            member.setSubscribedTopicNames(
                    member.subscribedTopicNames().stream().map(names::outside).toList());
            if (member.subscribedTopicRegex() != null) {
                member.setSubscribedTopicRegex(regex.outside(member.subscribedTopicRegex()));
            }
            rename(member.assignment(), names);
            rename(member.targetAssignment(), names);
        }
        if (operations && group.errorCode() == Errors.NONE.code()) {
            group.setAuthorizedOperations(GroupAdmin.ALL_OPERATIONS);
        }
        return group;
    }

    private static void rename(Assignment assignment, GroupNames names) {
        assignment.topicPartitions().forEach(it -> it.setTopicName(names.outside(it.topicName())));
    }
}
