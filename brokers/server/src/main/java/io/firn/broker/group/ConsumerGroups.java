package io.firn.broker.group;

import io.firn.coordination.GroupCoordination;
import io.firn.coordination.TenantRegex;

import org.apache.kafka.common.errors.InvalidRegularExpression;
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

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Groups of the consumer protocol (KIP-848), where the coordinator assigns the partitions.
/// Assignments carry topic ids, which need no mapping.
final class ConsumerGroups {
    private final GroupCoordination coordination;

    ConsumerGroups(GroupCoordination coordination) {
        this.coordination = coordination;
    }

    CompletableFuture<ConsumerGroupHeartbeatResponse> heartbeat(
            GroupCall call, ConsumerGroupHeartbeatRequest request) {
        GroupNames names = call.names();
        ConsumerGroupHeartbeatRequestData data = request.data().duplicate();
        data.setGroupId(names.groupWithMembers(data.groupId()));
        if (data.subscribedTopicNames() != null) {
            data.setSubscribedTopicNames(
                    data.subscribedTopicNames().stream().map(names::topic).toList());
        }
        if (data.subscribedTopicRegex() != null) {
            try {
                data.setSubscribedTopicRegex(
                        new TenantRegex(call.caller().tenant())
                                .inside(data.subscribedTopicRegex()));
            } catch (InvalidRegularExpression e) {
                return CompletableFuture.completedFuture(
                        new ConsumerGroupHeartbeatResponse(
                                new ConsumerGroupHeartbeatResponseData()
                                        .setErrorCode(Errors.INVALID_REGULAR_EXPRESSION.code())
                                        .setErrorMessage(e.getMessage())));
            }
        }
        return coordination
                .coordinatorFor(data.groupId())
                .thenCompose(it -> it.consumerGroupHeartbeat(call.context(), data))
                .thenApply(
                        beat ->
                                new ConsumerGroupHeartbeatResponse(
                                        beat.duplicate()
                                                .setErrorMessage(
                                                        names.message(
                                                                beat.errorMessage(),
                                                                data.groupId()))));
    }

    CompletableFuture<ConsumerGroupDescribeResponse> describe(
            GroupCall call, ConsumerGroupDescribeRequest request) {
        GroupNames names = call.names();
        List<String> groups =
                request.data().groupIds().stream().map(names::groupWithMembers).toList();
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
