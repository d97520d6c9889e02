package io.firn.controller.member;

import io.firn.controller.request.ClusterDescription;

import org.apache.kafka.common.requests.DescribeClusterResponse;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Which cluster the controllers at some addresses are.
final class ClusterIds {
    private static final int TIMEOUT_SECONDS = 60;

    private ClusterIds() {}

    /// Asks until one answers.
    ///
    /// @throws IllegalStateException if none does within a minute
    static String ask(Map<Integer, InetSocketAddress> voters, byte[] clusterKey) {
        try (ControllerClient client = new ControllerClient(() -> voters, clusterKey)) {
            return ((DescribeClusterResponse)
                            client.send(ClusterDescription.question())
                                    .get(TIMEOUT_SECONDS, TimeUnit.SECONDS))
                    .data()
                    .clusterId();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(voters, e);
        } catch (ExecutionException | TimeoutException e) {
            throw failed(voters, e);
        }
    }

    private static IllegalStateException failed(
            Map<Integer, InetSocketAddress> voters, Exception cause) {
        return new IllegalStateException(
                "No controller of %s said which cluster it is; start one, or correct the addresses or the cluster key"
                        .formatted(voters),
                cause);
    }
}
