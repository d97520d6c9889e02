package io.firn.protocol;

import io.firn.protocol.preface.Caller;

import org.jspecify.annotations.Nullable;

/// How a [KafkaServer] listens.
///
/// @param name for thread names and logs, for example `broker`
/// @param port 0 picks a free one
/// @param clusterKey when set, every connection must begin with a valid `Preface` (G6); `null` for
///     a client port, or for a plain port on the cluster's own network
/// @param defaultCaller who sends requests on a connection without a preface; its client host is
///     replaced by the connection's address
/// @param maxRequestBytes a larger frame closes the connection
/// @param maxQueuedRequests unanswered requests per connection; then it is not read any more
/// @param maxInFlightBytes frames of all connections of this server together (G7)
@SuppressWarnings("ArrayRecordComponent") // a key is never compared
public record ServerConfig(
        String name,
        String host,
        int port,
        byte @Nullable [] clusterKey,
        Caller defaultCaller,
        int maxRequestBytes,
        int maxQueuedRequests,
        long maxInFlightBytes,
        ConnectionLimits connections) {

    public static final int DEFAULT_MAX_REQUEST_BYTES = 100 * 1024 * 1024;

    /// A producer has at most five on the way, and Apache Kafka reads one at a time. What is read
    /// ahead of others' requests makes those wait.
    public static final int DEFAULT_MAX_QUEUED_REQUESTS = 8;

    public static final long DEFAULT_MAX_IN_FLIGHT_BYTES = 256L * 1024 * 1024;

    public ServerConfig {
        if (maxInFlightBytes < maxRequestBytes) {
            throw new IllegalArgumentException(
                    "Server %s: %d bytes in flight must have room for one request of %d bytes"
                            .formatted(name, maxInFlightBytes, maxRequestBytes));
        }
        if (maxQueuedRequests < 1) {
            throw new IllegalArgumentException(
                    "Server %s: a connection needs room for at least 1 request, not %d"
                            .formatted(name, maxQueuedRequests));
        }
    }

    public static ServerConfig of(String name, String host, int port) {
        return new ServerConfig(
                name,
                host,
                port,
                null,
                new Caller("public", "User:ANONYMOUS", host, name),
                DEFAULT_MAX_REQUEST_BYTES,
                DEFAULT_MAX_QUEUED_REQUESTS,
                DEFAULT_MAX_IN_FLIGHT_BYTES,
                ConnectionLimits.DEFAULT);
    }

    /// The same server for cluster members only.
    public ServerConfig withClusterKey(byte[] key) {
        return new ServerConfig(
                name,
                host,
                port,
                key,
                defaultCaller,
                maxRequestBytes,
                maxQueuedRequests,
                maxInFlightBytes,
                connections);
    }

    /// The same server with another caller for connections without a preface.
    public ServerConfig withDefaultCaller(Caller caller) {
        return new ServerConfig(
                name,
                host,
                port,
                clusterKey,
                caller,
                maxRequestBytes,
                maxQueuedRequests,
                maxInFlightBytes,
                connections);
    }

    /// The same server with other bounds.
    public ServerConfig withLimits(int requestBytes, int queuedRequests, long inFlightBytes) {
        return new ServerConfig(
                name,
                host,
                port,
                clusterKey,
                defaultCaller,
                requestBytes,
                queuedRequests,
                inFlightBytes,
                connections);
    }

    /// The same server with other limits of connections.
    public ServerConfig withConnections(ConnectionLimits limits) {
        return new ServerConfig(
                name,
                host,
                port,
                clusterKey,
                defaultCaller,
                maxRequestBytes,
                maxQueuedRequests,
                maxInFlightBytes,
                limits);
    }
}
