package io.firn.gateway.answer;

import io.firn.controller.image.ClusterImage;

import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeClusterResponse;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;
import org.apache.kafka.common.requests.FindCoordinatorResponse;

import java.util.List;

/// The cluster's nodes and coordinators, as the presentation shows them.
public final class ClusterAnswer {
    private static final byte BROKERS = 1;
    private static final byte CONTROLLERS = 2;

    private final Presentation.OneNode presentation;

    public ClusterAnswer(Presentation.OneNode presentation) {
        this.presentation = presentation;
    }

    DescribeClusterResponse describe(DescribeClusterRequest request, ClusterImage image) {
        DescribeClusterResponseData data =
                new DescribeClusterResponseData()
                        .setClusterId(image.clusterId())
                        .setEndpointType(request.data().endpointType());
        if (request.data().endpointType() != BROKERS) {
            return new DescribeClusterResponse(refused(data));
        }
        data.setControllerId(Presentation.OneNode.ID);
        if (request.data().includeClusterAuthorizedOperations()) {
            data.setClusterAuthorizedOperations(Operations.CLUSTER);
        }
        data.brokers()
                .add(
                        new DescribeClusterBroker()
                                .setBrokerId(Presentation.OneNode.ID)
                                .setHost(presentation.host())
                                .setPort(presentation.port()));
        return new DescribeClusterResponse(data);
    }

    /// Controllers are not reachable by clients, so nobody has got to one by mistake.
    private static DescribeClusterResponseData refused(DescribeClusterResponseData data) {
        return data.endpointType() == CONTROLLERS
                ? data.setErrorCode(Errors.MISMATCHED_ENDPOINT_TYPE.code())
                        .setErrorMessage(
                                "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER")
                : data.setErrorCode(Errors.UNSUPPORTED_ENDPOINT_TYPE.code())
                        .setErrorMessage("Unsupported endpoint type " + data.endpointType());
    }

    /// The gateway shows itself as every coordinator; while no broker is alive there is none.
    FindCoordinatorResponse coordinators(FindCoordinatorRequest request, ClusterImage image) {
        boolean batched = request.version() >= FindCoordinatorRequest.MIN_BATCHED_VERSION;
        List<String> keys =
                batched ? request.data().coordinatorKeys() : List.of(request.data().key());
        Errors error = error(request.data().keyType(), image);
        String message = message(error);
        List<Coordinator> found =
                keys.stream().distinct().map(k -> coordinator(k, error, message)).toList();
        if (batched) {
            return new FindCoordinatorResponse(
                    new FindCoordinatorResponseData().setCoordinators(found));
        }
        Coordinator one = found.getFirst();
        return new FindCoordinatorResponse(
                new FindCoordinatorResponseData()
                        .setErrorCode(one.errorCode())
                        .setErrorMessage(one.errorMessage())
                        .setNodeId(one.nodeId())
                        .setHost(one.host())
                        .setPort(one.port()));
    }

    /// A transactional producer has to fail in a word. Every other code that fits makes librdkafka
    /// ask again until its own time-out, or keeps our words from the user of Kafka's Java client.
    private static Errors error(byte keyType, ClusterImage image) {
        if (keyType == CoordinatorType.TRANSACTION.id()) {
            return Errors.CLUSTER_AUTHORIZATION_FAILED;
        }
        if (keyType != CoordinatorType.GROUP.id()) {
            return Errors.UNSUPPORTED_VERSION;
        }
        return image.alive().isEmpty() ? Errors.COORDINATOR_NOT_AVAILABLE : Errors.NONE;
    }

    private static String message(Errors error) {
        return switch (error) {
            case CLUSTER_AUTHORIZATION_FAILED ->
                    "Cannot begin a transaction: Firn has none yet. Unset transactional.id; idempotent producers work without it";
            case UNSUPPORTED_VERSION -> "Cannot coordinate share groups: Firn has none yet";
            default -> "";
        };
    }

    private Coordinator coordinator(String key, Errors error, String message) {
        Coordinator answer =
                new Coordinator().setKey(key).setErrorCode(error.code()).setErrorMessage(message);
        return error == Errors.NONE
                ? answer.setNodeId(Presentation.OneNode.ID)
                        .setHost(presentation.host())
                        .setPort(presentation.port())
                : answer.setNodeId(-1).setHost("").setPort(-1);
    }
}
