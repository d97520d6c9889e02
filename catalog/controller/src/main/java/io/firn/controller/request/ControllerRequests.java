package io.firn.controller.request;

import io.firn.protocol.RateLimitedLog;
import io.firn.protocol.connection.InboundRequest;
import io.firn.protocol.connection.RequestHandler;

import org.apache.kafka.common.errors.DuplicateBrokerRegistrationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.feature.Features;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.AllocateProducerIdsRequest;
import org.apache.kafka.common.requests.AllocateProducerIdsResponse;
import org.apache.kafka.common.requests.AlterPartitionRequest;
import org.apache.kafka.common.requests.AlterPartitionResponse;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.AssignReplicasToDirsRequest;
import org.apache.kafka.common.requests.AssignReplicasToDirsResponse;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeQuorumRequest;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.controller.ControllerRequestContext;
import org.apache.kafka.raft.KafkaRaftClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/// What a controller serves: Raft's own requests by any voter, changes by the active controller.
public final class ControllerRequests implements RequestHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ControllerRequests.class);
    private static final RateLimitedLog LIMITED = new RateLimitedLog(LOG);
    private static final Set<ApiKeys> SERVED =
            EnumSet.of(
                    ApiKeys.API_VERSIONS,
                    ApiKeys.DESCRIBE_CLUSTER,
                    ApiKeys.VOTE,
                    ApiKeys.BEGIN_QUORUM_EPOCH,
                    ApiKeys.END_QUORUM_EPOCH,
                    ApiKeys.FETCH,
                    ApiKeys.FETCH_SNAPSHOT,
                    ApiKeys.DESCRIBE_QUORUM,
                    ApiKeys.ADD_RAFT_VOTER,
                    ApiKeys.REMOVE_RAFT_VOTER,
                    ApiKeys.UPDATE_RAFT_VOTER,
                    ApiKeys.BROKER_REGISTRATION,
                    ApiKeys.BROKER_HEARTBEAT,
                    ApiKeys.UNREGISTER_BROKER,
                    ApiKeys.CREATE_TOPICS,
                    ApiKeys.DELETE_TOPICS,
                    ApiKeys.CREATE_PARTITIONS,
                    ApiKeys.ALTER_CONFIGS,
                    ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                    ApiKeys.ALLOCATE_PRODUCER_IDS,
                    ApiKeys.ALTER_PARTITION,
                    ApiKeys.ASSIGN_REPLICAS_TO_DIRS);

    /// What changes what images show: the answer says from which offset on they do.
    private static final Set<ApiKeys> CHANGES =
            EnumSet.of(
                    ApiKeys.CREATE_TOPICS,
                    ApiKeys.DELETE_TOPICS,
                    ApiKeys.CREATE_PARTITIONS,
                    ApiKeys.ALTER_CONFIGS,
                    ApiKeys.INCREMENTAL_ALTER_CONFIGS);

    private final RaftRequests raft;
    private final KafkaRaftClient<?> client;
    private final Controller controller;
    private final TopicRequests topics;
    private final ConfigRequests configs;
    private final BrokerRequests brokers;
    private final ClusterDescription description;

    public ControllerRequests(
            KafkaRaftClient<?> client,
            Controller controller,
            Registrations registrations,
            ClusterDescription description) {
        this.raft = new RaftRequests(client);
        this.client = client;
        this.controller = controller;
        this.topics = new TopicRequests(controller);
        this.configs = new ConfigRequests(controller);
        this.brokers = new BrokerRequests(controller, registrations);
        this.description = description;
    }

    @Override
    public void handle(InboundRequest request) {
        ApiKeys api = request.header().apiKey();
        if (!SERVED.contains(api)) { // as Kafka's; an error would name each entry of its body (G7)
            LIMITED.warn("Closing {}: a controller does not serve {}", request.caller(), api);
            request.connection().close();
            return;
        }
        if (request.body() instanceof DescribeQuorumRequest quorum
                && quorum.data().topics().size() > 1) { // each is answered, and there is one (G12)
            request.fail(
                    new InvalidRequestException(
                            "There is one metadata log; ask for no other topic's quorum"));
            return;
        }
        CompletionStage<? extends AbstractResponse> answer;
        try {
            answer = serve(api, request);
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        answer.whenComplete(
                (response, error) -> {
                    if (error == null) {
                        request.answer(response);
                    } else {
                        fail(request, unwrap(error));
                    }
                });
    }

    private CompletionStage<? extends AbstractResponse> serve(ApiKeys api, InboundRequest request) {
        AbstractRequest body = request.body();
        if (api == ApiKeys.API_VERSIONS) {
            return CompletableFuture.completedFuture(apiVersions(request));
        }
        if (body instanceof DescribeClusterRequest describe) {
            return CompletableFuture.completedFuture(description.answer(describe));
        }
        if (RaftRequests.serves(api)) {
            return raft.serve(request);
        }
        if (!controller.isActive()) {
            // Reads of a standby could be stale, and everything else must go to the leader anyway.
            throw new NotControllerException("This controller does not lead the quorum");
        }
        CompletionStage<? extends AbstractResponse> answer = change(api, request, body);
        return CHANGES.contains(api) && ChangeOffset.fits(api, request.header().apiVersion())
                ? answer.thenApply(this::withOffset)
                : answer;
    }

    /// The change is committed when its answer is there, so it is below the high watermark.
    private AbstractResponse withOffset(AbstractResponse answer) {
        client.highWatermark().ifPresent(end -> ChangeOffset.put(answer, end - 1));
        return answer;
    }

    private CompletionStage<? extends AbstractResponse> change(
            ApiKeys api, InboundRequest request, AbstractRequest body) {
        ControllerRequestContext open = context(request, OptionalLong.empty());
        return switch (body) {
            case AlterPartitionRequest r ->
                    controller
                            .alterPartition(open, r.data())
                            .thenApply(AlterPartitionResponse::new);
            case AllocateProducerIdsRequest r ->
                    controller
                            .allocateProducerIds(open, r.data())
                            .thenApply(AllocateProducerIdsResponse::new);
            case AssignReplicasToDirsRequest r ->
                    controller
                            .assignReplicasToDirs(open, r.data())
                            .thenApply(AssignReplicasToDirsResponse::new);
            default -> grouped(api, request, body, open);
        };
    }

    private CompletionStage<? extends AbstractResponse> grouped(
            ApiKeys api,
            InboundRequest request,
            AbstractRequest body,
            ControllerRequestContext open) {
        Optional<CompletionStage<? extends AbstractResponse>> served =
                topics.serve(body, timeoutMs -> context(request, deadline(timeoutMs)));
        if (served.isEmpty()) {
            served = configs.serve(body, open);
        }
        if (served.isEmpty()) {
            served = brokers.serve(body, open);
        }
        return served.orElseThrow(
                () -> new UnsupportedVersionException("A controller does not serve " + api));
    }

    private static ControllerRequestContext context(InboundRequest request, OptionalLong deadline) {
        return new ControllerRequestContext(
                request.header().data(), KafkaPrincipal.ANONYMOUS, deadline);
    }

    private static OptionalLong deadline(int timeoutMs) {
        return ControllerRequestContext.requestTimeoutMsToDeadlineNs(Time.SYSTEM, timeoutMs);
    }

    private static AbstractResponse apiVersions(InboundRequest request) {
        ApiVersionCollection versions = new ApiVersionCollection();
        for (ApiKeys api : SERVED) {
            versions.add(
                    new ApiVersion()
                            .setApiKey(api.id)
                            .setMinVersion(api.oldestVersion())
                            .setMaxVersion(api.latestVersion(false)));
        }
        return new ApiVersionsResponse.Builder()
                .setApiVersions(versions)
                .setSupportedFeatures(Features.emptySupportedFeatures())
                .setFinalizedFeatures(Map.of())
                .setFinalizedFeaturesEpoch(ApiVersionsResponse.UNKNOWN_FINALIZED_FEATURES_EPOCH)
                .setAlterFeatureLevel0(request.header().apiVersion() < 4)
                .build();
    }

    private static void fail(InboundRequest request, Throwable error) {
        if (error instanceof NotControllerException
                || error instanceof DuplicateBrokerRegistrationException) {
            LOG.debug("{} is to be asked again: {}", request.header().apiKey(), error.toString());
        } else {
            LOG.info("{} was refused: {}", request.header().apiKey(), error.toString());
        }
        request.fail(error);
    }

    static Throwable unwrap(Throwable error) {
        return error instanceof CompletionException && error.getCause() != null
                ? error.getCause()
                : error;
    }
}
