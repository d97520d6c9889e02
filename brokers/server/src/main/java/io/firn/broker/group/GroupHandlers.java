package io.firn.broker.group;

import io.firn.coordination.GroupCoordination;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ConsumerGroupDescribeRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.DescribeGroupsRequest;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.JoinGroupRequest;
import org.apache.kafka.common.requests.LeaveGroupRequest;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetDeleteRequest;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.SyncGroupRequest;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// Every group API but FindCoordinator, which the gateway answers. Thread safe; never blocks.
///
/// ```java
/// GroupHandlers groups = new GroupHandlers(groupCoordination);
/// if (GroupHandlers.APIS.contains(request.header().apiKey())) groups.handle(request);
/// ```
public final class GroupHandlers {
    /// What [#handle] takes.
    public static final Set<ApiKeys> APIS =
            Set.copyOf(
                    EnumSet.of(
                            ApiKeys.JOIN_GROUP,
                            ApiKeys.SYNC_GROUP,
                            ApiKeys.HEARTBEAT,
                            ApiKeys.LEAVE_GROUP,
                            ApiKeys.OFFSET_COMMIT,
                            ApiKeys.OFFSET_FETCH,
                            ApiKeys.OFFSET_DELETE,
                            ApiKeys.LIST_GROUPS,
                            ApiKeys.DESCRIBE_GROUPS,
                            ApiKeys.DELETE_GROUPS,
                            ApiKeys.CONSUMER_GROUP_HEARTBEAT,
                            ApiKeys.CONSUMER_GROUP_DESCRIBE));

    private final ClassicGroups classic;
    private final ConsumerGroups consumer;
    private final Offsets offsets;
    private final OffsetFetches fetches;
    private final GroupAdmin admin;

    public GroupHandlers(GroupCoordination coordination) {
        this.classic = new ClassicGroups(coordination);
        this.consumer = new ConsumerGroups(coordination);
        this.offsets = new Offsets(coordination);
        this.fetches = new OffsetFetches(coordination);
        this.admin = new GroupAdmin(coordination);
    }

    /// Answers the request, now or later, exactly once.
    public void handle(InboundRequest request) {
        GroupCall call =
                new GroupCall(
                        request.header(),
                        request.body(),
                        request.caller(),
                        request.connection().id());
        answer(call)
                .whenComplete(
                        (response, error) -> {
                            if (error == null) {
                                request.answer(response);
                            } else {
                                request.fail(cause(error));
                            }
                        });
    }

    /// The answer to one call; may fail with what [InboundRequest#fail] turns into an error code.
    CompletableFuture<? extends AbstractResponse> answer(GroupCall call) {
        try {
            return route(call);
        } catch (ApiException e) { // too large, or no room for it
            return CompletableFuture.completedFuture(call.body().getErrorResponse(0, e));
        }
    }

    private CompletableFuture<? extends AbstractResponse> route(GroupCall call) {
        return switch (call.body()) {
            case JoinGroupRequest it -> classic.join(call, it);
            case SyncGroupRequest it -> classic.sync(call, it);
            case HeartbeatRequest it -> classic.heartbeat(call, it);
            case LeaveGroupRequest it -> classic.leave(call, it);
            case OffsetCommitRequest it -> offsets.commit(call, it);
            case OffsetFetchRequest it -> fetches.fetch(call, it);
            case OffsetDeleteRequest it -> offsets.delete(call, it);
            case ListGroupsRequest it -> admin.list(call, it);
            case DescribeGroupsRequest it -> admin.describe(call, it);
            case DeleteGroupsRequest it -> admin.delete(call, it);
            case ConsumerGroupHeartbeatRequest it -> consumer.heartbeat(call, it);
            case ConsumerGroupDescribeRequest it -> consumer.describe(call, it);
            default ->
                    CompletableFuture.failedFuture(
                            new UnsupportedVersionException(
                                    "%s is not a group API that Firn serves"
                                            .formatted(call.header().apiKey().name)));
        };
    }

    private static Throwable cause(Throwable error) {
        return error instanceof CompletionException && error.getCause() != null
                ? error.getCause()
                : error;
    }
}
