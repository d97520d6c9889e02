package io.firn.broker.group;

import io.firn.coordination.GroupCoordination;
import io.firn.coordination.GroupMemory;

import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.JoinGroupResponse;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupResponse;
import org.apache.kafka.common.requests.SyncGroupRequest;
import org.apache.kafka.common.requests.SyncGroupResponse;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;

/// Membership of classic groups, where one member assigns the partitions.
final class ClassicGroups {
    private final GroupCoordination coordination;

    ClassicGroups(GroupCoordination coordination) {
        this.coordination = coordination;
    }

    CompletableFuture<JoinGroupResponse> join(GroupCall call, JoinGroupRequest request) {
        GroupNames names = call.names();
        JoinGroupRequestData data = request.data().duplicate();
        data.setGroupId(names.groupWithMembers(data.groupId()));
        GroupSizes.requireName(data.groupId());
        long bytes = GroupSizes.of(data, call.header().clientId());
        if (ConsumerBytes.TYPE.equals(data.protocolType())) {
            data.protocols()
                    .forEach(
                            it ->
                                    it.setMetadata(
                                            ConsumerBytes.subscription(
                                                    it.metadata(), names::topic)));
        }
        GroupMemory.Reservation reserved =
                coordination
                        .memory()
                        .reserve(
                                data.groupId(),
                                data.memberId(),
                                bytes,
                                Math.max(data.sessionTimeoutMs(), data.rebalanceTimeoutMs()),
                                GroupSizes.MOST_OF_CLASSIC_GROUP);
        return coordination
                .coordinatorFor(data.groupId())
                .thenCompose(it -> it.joinGroup(call.context(), data, BufferSupplier.NO_CACHING))
                .whenComplete((joined, error) -> settle(reserved, joined))
                .thenApply(joined -> new JoinGroupResponse(outside(joined, names), call.version()));
    }

    /// @param joined `null` when the coordinator failed
    private static void settle(
            GroupMemory.Reservation reserved, @Nullable JoinGroupResponseData joined) {
        Errors error =
                joined == null ? Errors.UNKNOWN_SERVER_ERROR : Errors.forCode(joined.errorCode());
        if (joined != null && (error == Errors.NONE || error == Errors.MEMBER_ID_REQUIRED)) {
            reserved.keptAs(joined.memberId());
        } else {
            reserved.refused();
        }
    }

    private static JoinGroupResponseData outside(JoinGroupResponseData joined, GroupNames names) {
        if (!ConsumerBytes.TYPE.equals(joined.protocolType())) {
            return joined;
        }
        JoinGroupResponseData answer = joined.duplicate();
        answer.members()
                .forEach(
                        it ->
                                it.setMetadata(
                                        ConsumerBytes.subscription(it.metadata(), names::outside)));
        return answer;
    }

    CompletableFuture<SyncGroupResponse> sync(GroupCall call, SyncGroupRequest request) {
        if (!request.areMandatoryProtocolTypeAndNamePresent()) {
            // Since version 5 the member must say which protocol it believes was chosen (KIP-559).
            return CompletableFuture.completedFuture(
                    new SyncGroupResponse(
                            new SyncGroupResponseData()
                                    .setErrorCode(Errors.INCONSISTENT_GROUP_PROTOCOL.code())));
        }
        GroupNames names = call.names();
        SyncGroupRequestData data = request.data().duplicate();
        data.setGroupId(names.groupWithMembers(data.groupId()));
        coordination.memory().heard(data.groupId(), data.memberId());
        if (!data.assignments().isEmpty()) {
            coordination.memory().assign(data.groupId(), GroupSizes.of(data));
        }
        // Below version 5 the type is not said; only what reads exactly as an assignment is
        // changed.
        if (data.protocolType() == null || ConsumerBytes.TYPE.equals(data.protocolType())) {
            data.assignments()
                    .forEach(
                            it ->
                                    it.setAssignment(
                                            ConsumerBytes.assignment(
                                                    it.assignment(), names::topic)));
        }
        return coordination
                .coordinatorFor(data.groupId())
                .thenCompose(it -> it.syncGroup(call.context(), data, BufferSupplier.NO_CACHING))
                .thenApply(synced -> new SyncGroupResponse(outside(synced, names)));
    }

    private static SyncGroupResponseData outside(SyncGroupResponseData synced, GroupNames names) {
        boolean consumers =
                synced.protocolType() == null || ConsumerBytes.TYPE.equals(synced.protocolType());
        return consumers
                ? synced.duplicate()
                        .setAssignment(
                                ConsumerBytes.assignment(synced.assignment(), names::outside))
                : synced;
    }

    CompletableFuture<HeartbeatResponse> heartbeat(GroupCall call, HeartbeatRequest request) {
        HeartbeatRequestData data = request.data().duplicate();
        data.setGroupId(call.names().groupWithMembers(data.groupId()));
        coordination.memory().heard(data.groupId(), data.memberId());
        return coordination
                .coordinatorFor(data.groupId())
                .thenCompose(it -> it.heartbeat(call.context(), data))
                .thenApply(HeartbeatResponse::new);
    }

    CompletableFuture<LeaveGroupResponse> leave(GroupCall call, LeaveGroupRequest request) {
        LeaveGroupRequestData data = request.normalizedData().duplicate();
        data.setGroupId(call.names().groupWithMembers(data.groupId()));
        return coordination
                .coordinatorFor(data.groupId())
                .thenCompose(it -> it.leaveGroup(call.context(), data))
                .thenApply(
                        left -> {
                            left.members().stream()
                                    .filter(it -> it.errorCode() == Errors.NONE.code())
                                    .forEach(
                                            it ->
                                                    coordination
                                                            .memory()
                                                            .left(data.groupId(), it.memberId()));
                            return new LeaveGroupResponse(left, call.version());
                        });
    }
}
