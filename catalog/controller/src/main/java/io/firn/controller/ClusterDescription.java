package io.firn.controller;

import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeClusterResponse;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.function.IntSupplier;

/// DescribeCluster as a controller answers it: which cluster, which controllers.
record ClusterDescription(
        String clusterId, Map<Integer, InetSocketAddress> voters, IntSupplier leader) {
    DescribeClusterResponse answer() {
        DescribeClusterResponseData data =
                new DescribeClusterResponseData()
                        .setClusterId(clusterId)
                        .setControllerId(leader.getAsInt())
                        .setEndpointType((byte) 2);
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
    static DescribeClusterRequest.Builder question() {
        return new DescribeClusterRequest.Builder(
                new org.apache.kafka.common.message.DescribeClusterRequestData()
                        .setEndpointType((byte) 2));
    }
}
