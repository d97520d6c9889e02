package io.firn.broker.group;

import io.firn.coordination.GroupCoordination;

import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResult;
import org.apache.kafka.common.message.DeleteGroupsResponseData.DeletableGroupResultCollection;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DeleteGroupsResponse;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.DescribeGroupsResponse;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.apache.kafka.common.requests.ListGroupsResponse;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.common.utils.internals.BufferSupplier;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/// Looking at groups and deleting them.
final class GroupAdmin {
    /// What may be done to a group; everybody in the tenant may, until ACLs come.
    static final int ALL_OPERATIONS =
            Utils.to32BitField(
                    Set.of(
                            AclOperation.READ.code(),
                            AclOperation.DELETE.code(),
                            AclOperation.DESCRIBE.code(),
                            AclOperation.DESCRIBE_CONFIGS.code(),
                            AclOperation.ALTER_CONFIGS.code()));

    private final GroupCoordination coordination;

    GroupAdmin(GroupCoordination coordination) {
        this.coordination = coordination;
    }

    CompletableFuture<ListGroupsResponse> list(GroupCall call, ListGroupsRequest request) {
        if (!coordination.hasOffsetsTopic()) {
            return CompletableFuture.completedFuture(
                    new ListGroupsResponse(new ListGroupsResponseData()));
        }
        GroupNames names = call.names();
        return coordination
                .coordinatorForAll()
                .thenCompose(it -> it.listGroups(call.context(), request.data()))
                .thenApply(all -> new ListGroupsResponse(owned(all, names)));
    }

    private static ListGroupsResponseData owned(ListGroupsResponseData all, GroupNames names) {
        List<ListedGroup> groups = new ArrayList<>();
        for (ListedGroup group : all.groups()) {
            if (names.owns(group.groupId())) {
                groups.add(group.duplicate().setGroupId(names.outside(group.groupId())));
            }
        }
        return new ListGroupsResponseData().setErrorCode(all.errorCode()).setGroups(groups);
    }

    CompletableFuture<DescribeGroupsResponse> describe(
            GroupCall call, DescribeGroupsRequest request) {
        GroupNames names = call.names();
        boolean operations = request.data().includeAuthorizedOperations();
        List<String> groups =
                request.data().groups().stream().distinct().map(names::group).toList();
        return coordination
                .coordinatorForAll()
                .thenCompose(it -> it.describeGroups(call.context(), groups))
                .thenApply(
                        described -> {
                            List<DescribedGroup> mapped = new ArrayList<>();
                            described.forEach(it -> mapped.add(outside(it, names, operations)));
                            return new DescribeGroupsResponse(
                                    new DescribeGroupsResponseData().setGroups(mapped));
                        });
    }

    private static DescribedGroup outside(
            DescribedGroup inside, GroupNames names, boolean operations) {
        DescribedGroup group = inside.duplicate();
        group.setErrorMessage(names.message(inside.errorMessage(), inside.groupId()));
        group.setGroupId(names.outside(inside.groupId()));
        if (ConsumerBytes.TYPE.equals(inside.protocolType())) {
            group.members()
                    .forEach(
                            it -> {
                                it.setMemberMetadata(
                                        ConsumerBytes.subscription(
                                                it.memberMetadata(), names::outside));
                                it.setMemberAssignment(
                                        ConsumerBytes.assignment(
                                                it.memberAssignment(), names::outside));
                            });
        }
        if (operations && group.errorCode() == Errors.NONE.code()) {
            group.setAuthorizedOperations(ALL_OPERATIONS);
        }
        return group;
    }

    CompletableFuture<DeleteGroupsResponse> delete(GroupCall call, DeleteGroupsRequest request) {
        GroupNames names = call.names();
        List<String> groups =
                request.data().groupsNames().stream().distinct().map(names::group).toList();
        return coordination
                .coordinatorForAll()
                .thenCompose(
                        it -> it.deleteGroups(call.context(), groups, BufferSupplier.NO_CACHING))
                .thenApply(
                        results ->
                                new DeleteGroupsResponse(
                                        new DeleteGroupsResponseData()
                                                .setResults(outside(results, names))));
    }

    private static DeletableGroupResultCollection outside(
            DeletableGroupResultCollection inside, GroupNames names) {
        DeletableGroupResultCollection results = new DeletableGroupResultCollection();
        for (DeletableGroupResult result : inside) {
            DeletableGroupResult mapped = result.duplicate();
            mapped.setGroupId(names.outside(result.groupId()));
            mapped.setErrorMessage(names.message(result.errorMessage(), result.groupId()));
            results.add(mapped);
        }
        return results;
    }
}
