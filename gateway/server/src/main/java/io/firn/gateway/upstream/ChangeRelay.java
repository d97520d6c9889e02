package io.firn.gateway.upstream;

import io.firn.controller.image.ClusterView;
import io.firn.controller.request.ChangeOffset;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AlterConfigsRequest;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.jspecify.annotations.Nullable;

import java.util.EnumSet;
import java.util.Set;

/// Passes a change of topics or settings on, and its answer back when this gateway's image shows
/// the change: whoever has been answered reads what was written (DESIGN §13). The broker is asked
/// in the newest version, since only flexible ones say from which offset on images show it; the
/// client is answered in its own.
public final class ChangeRelay {
    private static final Set<ApiKeys> CHANGES =
            EnumSet.of(
                    ApiKeys.CREATE_TOPICS,
                    ApiKeys.DELETE_TOPICS,
                    ApiKeys.CREATE_PARTITIONS,
                    ApiKeys.ALTER_CONFIGS,
                    ApiKeys.INCREMENTAL_ALTER_CONFIGS);

    private final ClusterView cluster;

    public ChangeRelay(ClusterView cluster) {
        this.cluster = cluster;
    }

    public static boolean carries(ApiKeys api) {
        return CHANGES.contains(api);
    }

    public void relay(InboundRequest request, Upstream broker) {
        var unused =
                broker.call(newest(request.body()))
                        .whenComplete((answer, failure) -> answered(request, answer, failure));
    }

    private void answered(
            InboundRequest request,
            @Nullable AbstractResponse answer,
            @Nullable Throwable failure) {
        if (answer != null) {
            var unused =
                    cluster.shows(ChangeOffset.take(answer))
                            .whenComplete((shown, error) -> request.answer(answer));
        } else if (failure instanceof DisconnectException) {
            request.connection().close(); // the outcome is unknown (G2)
        } else {
            request.fail(
                    failure == null
                            ? new IllegalStateException("A change had no answer")
                            : failure);
        }
    }

    private static AbstractRequest newest(AbstractRequest body) {
        short version = body.apiKey().latestVersion();
        return switch (body) {
            case CreateTopicsRequest r -> new CreateTopicsRequest.Builder(r.data()).build(version);
            case DeleteTopicsRequest r -> new DeleteTopicsRequest.Builder(r.data()).build(version);
            case CreatePartitionsRequest r ->
                    new CreatePartitionsRequest.Builder(r.data()).build(version);
            case AlterConfigsRequest r -> new AlterConfigsRequest(r.data(), version);
            case IncrementalAlterConfigsRequest r ->
                    new IncrementalAlterConfigsRequest.Builder(r.data()).build(version);
            default -> throw new IllegalArgumentException(body.apiKey() + " is no change");
        };
    }
}
