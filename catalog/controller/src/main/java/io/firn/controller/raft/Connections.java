package io.firn.controller.raft;

import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.BootstrapConfiguration;
import org.apache.kafka.clients.ManualMetadataUpdater;
import org.apache.kafka.clients.MetadataRecoveryStrategy;
import org.apache.kafka.clients.NetworkClient;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.Selectable;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.LogContext;

/// Kafka's own network client, set up for talking to controllers as a member of the cluster.
public final class Connections {
    private static final long CONNECTION_IDLE_MS = 10 * 60 * 1000L;
    private static final int SETUP_TIMEOUT_MS = 5_000;
    private static final int RECONNECT_MS = 20;
    private static final int RECONNECT_MAX_MS = 500;

    private Connections() {}

    public static NetworkClient client(
            String clientId,
            Metrics metrics,
            String metricGroup,
            int requestTimeoutMs,
            byte[] clusterKey,
            LogContext context) {
        Selector selector =
                new Selector(
                        CONNECTION_IDLE_MS,
                        metrics,
                        Time.SYSTEM,
                        metricGroup,
                        new MemberChannels(clusterKey),
                        context);
        return new NetworkClient(
                selector,
                new ManualMetadataUpdater(),
                clientId,
                1,
                RECONNECT_MS,
                RECONNECT_MAX_MS,
                Selectable.USE_DEFAULT_BUFFER_SIZE,
                Selectable.USE_DEFAULT_BUFFER_SIZE,
                requestTimeoutMs,
                SETUP_TIMEOUT_MS,
                SETUP_TIMEOUT_MS,
                Time.SYSTEM,
                true,
                new ApiVersions(),
                context,
                MetadataRecoveryStrategy.NONE,
                BootstrapConfiguration.DISABLED,
                false);
    }
}
