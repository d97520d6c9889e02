package io.firn.controller.member;

import org.apache.kafka.common.Uuid;

import java.time.Duration;

/// What a broker registers with.
///
/// @param incarnation new at every start of the process
/// @param host where gateways and other brokers reach it
/// @param directory id of its data folder; a new one means that the data is gone
/// @param previousEpoch broker epoch before a clean shutdown, or -1: then the broker is *unclean*
///     and leaves every ELR (R11)
/// @param heartbeat how often it says that it lives; the controller fences it after
///     [ControllerNode#SESSION] without one
public record SessionConfig(
        int brokerId,
        String clusterId,
        Uuid incarnation,
        String host,
        int port,
        Uuid directory,
        long previousEpoch,
        Duration heartbeat) {
    public static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(1);

    public static SessionConfig of(
            int brokerId,
            String clusterId,
            String host,
            int port,
            Uuid directory,
            long previousEpoch) {
        return new SessionConfig(
                brokerId,
                clusterId,
                Uuid.randomUuid(),
                host,
                port,
                directory,
                previousEpoch,
                DEFAULT_HEARTBEAT);
    }
}
