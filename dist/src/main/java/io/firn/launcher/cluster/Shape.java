package io.firn.launcher.cluster;

import io.firn.launcher.settings.StartupException;

/// How many processes of each role a cluster has.
///
/// @param controllers Raft voters: odd, 1 to 7, and the same at every start
/// @param brokers 1 until brokers replicate (R8)
/// @param gateways 1 to 99
public record Shape(int controllers, int brokers, int gateways) {
    private static final int MOST_CONTROLLERS = 7;
    private static final int MOST_GATEWAYS = 99;

    /// @throws StartupException when there can be no such cluster
    public Shape {
        if (controllers < 1 || controllers > MOST_CONTROLLERS || controllers % 2 == 0) {
            throw new StartupException(
                    "Cannot make a cluster of %d controllers: ask for 1, 3, 5 or 7; one more makes an even number that survives no more losses."
                            .formatted(controllers));
        }
        if (brokers != 1) {
            throw new StartupException(
                    "Cannot make a cluster of %d brokers: Firn does not replicate between brokers yet. Ask for --brokers 1."
                            .formatted(brokers));
        }
        if (gateways < 1 || gateways > MOST_GATEWAYS) {
            throw new StartupException(
                    "Cannot make a cluster of %d gateways: ask for 1 to %d."
                            .formatted(gateways, MOST_GATEWAYS));
        }
    }
}
