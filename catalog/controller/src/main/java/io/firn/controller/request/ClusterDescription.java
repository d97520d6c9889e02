package io.firn.controller.request;

import org.apache.kafka.clients.admin.EndpointType;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeClusterResponse;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.function.IntSupplier;

/// DescribeCluster as a controller answers it: which cluster, which controllers.
public record ClusterDescription(
        String clusterId, Map<Integer, InetSocketAddress> voters, IntSupplier leader) {
    private static final byte CONTROLLERS = EndpointType.CONTROLLER.id();

    DescribeClusterResponse answer(DescribeClusterRequest request) {
        if (request.data().endpointType() != CONTROLLERS) {
            return new DescribeClusterResponse(
                    new DescribeClusterResponseData()
                            .setEndpointType(CONTROLLERS)
                            .setErrorCode(Errors.MISMATCHED_ENDPOINT_TYPE.code())
                            .setErrorMessage(
                                    "The request was sent to an endpoint of type CONTROLLER; ask a gateway for brokers"));
        }
        DescribeClusterResponseData data =
                new DescribeClusterResponseData()
                        .setClusterId(clusterId)
                        .setControllerId(leader.getAsInt())
                        .setEndpointType(CONTROLLERS);
        voters.forEach(
                (id, address) ->
                        data.brokers()
                                .add(
                                        new DescribeClusterBroker()
                                                .setBrokerId(id)
                                                .setHost(address.getHostString())
                                                .setPort(address.getPort())));
        return new DescribeClusterResponse(data);
    }

    /// Asks a controller for the cluster id.
    public static DescribeClusterRequest.Builder question() {
        return new DescribeClusterRequest.Builder(
                new org.apache.kafka.common.message.DescribeClusterRequestData()
                        .setEndpointType(CONTROLLERS));
    }
}
