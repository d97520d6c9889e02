package io.firn.gateway;

import io.firn.protocol.ConnectionLimits;
import io.firn.protocol.ServerConfig;
import io.micrometer.core.instrument.MeterRegistry;

import java.time.Duration;

/// How a gateway listens and what it tells clients.
///
/// @param port 0 picks a free one
/// @param advertisedHost what clients are told to connect to
/// @param advertisedPort 0: the bound one
/// @param clusterKey signs the preface of connections to brokers
/// @param defaultTenant whose topics a client without credentials sees
/// @param autoCreateTopics whether a topic that a client asks for is created on first use
/// @param autoCreatePartitions how many partitions such a topic gets
@SuppressWarnings("ArrayRecordComponent") // a key is never compared
public record GatewayConfig(
        String host,
        int port,
        String advertisedHost,
        int advertisedPort,
        byte[] clusterKey,
        String defaultTenant,
        boolean autoCreateTopics,
        int autoCreatePartitions,
        MeterRegistry metrics,
        Limits limits) {

    /// Bounds of what clients may make a gateway hold.
    ///
    /// @param maxRequestBytes a larger request closes its connection
    /// @param maxQueuedRequests unanswered requests per connection; then it is not read any more
    /// @param maxInFlightBytes unanswered requests of all connections together
    /// @param brokerTimeout how long a broker may be silent, beyond what a request lets it wait
    public record Limits(
            int maxRequestBytes,
            int maxQueuedRequests,
            long maxInFlightBytes,
            ConnectionLimits connections,
            Duration brokerTimeout) {
        public static final Limits DEFAULT =
                new Limits(
                        ServerConfig.DEFAULT_MAX_REQUEST_BYTES,
                        ServerConfig.DEFAULT_MAX_QUEUED_REQUESTS,
                        ServerConfig.DEFAULT_MAX_IN_FLIGHT_BYTES,
                        ConnectionLimits.DEFAULT,
                        Duration.ofSeconds(30));

        public Limits {
            if (brokerTimeout.toMillis() < 1) {
                throw new IllegalArgumentException(
                        "A broker needs some time to answer, not %s".formatted(brokerTimeout));
            }
        }

        /// The same with other limits of connections.
        public Limits withConnections(ConnectionLimits limits) {
            return new Limits(
                    maxRequestBytes, maxQueuedRequests, maxInFlightBytes, limits, brokerTimeout);
        }

        /// The same with another time for brokers.
        public Limits withBrokerTimeout(Duration timeout) {
            return new Limits(
                    maxRequestBytes, maxQueuedRequests, maxInFlightBytes, connections, timeout);
        }
    }

    public GatewayConfig {
        if (autoCreatePartitions < 1) {
            throw new IllegalArgumentException(
                    "A topic created on first use needs at least 1 partition, not %d"
                            .formatted(autoCreatePartitions));
        }
    }

    /// The same with other limits.
    public GatewayConfig withLimits(Limits other) {
        return new GatewayConfig(
                host,
                port,
                advertisedHost,
                advertisedPort,
                clusterKey,
                defaultTenant,
                autoCreateTopics,
                autoCreatePartitions,
                metrics,
                other);
    }

    /// A gateway with the usual limits that creates topics with one partition on first use.
    public static GatewayConfig of(
            String host, int port, byte[] clusterKey, MeterRegistry metrics) {
        return new GatewayConfig(
                host, port, host, 0, clusterKey, "public", true, 1, metrics, Limits.DEFAULT);
    }
}
