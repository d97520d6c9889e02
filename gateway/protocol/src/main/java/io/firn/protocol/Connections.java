package io.firn.protocol;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/// Counts a server's connections against their limits (G7). Thread safe.
final class Connections {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
    private static final RateLimitedLog LIMITED = new RateLimitedLog(LOG);

    private final String server;
    private final ConnectionLimits limits;
    private final Descriptors descriptors;
    private final Map<InetAddress, Integer> ofAddress = new HashMap<>();
    private int total;

    Connections(String server, ConnectionLimits limits, Descriptors descriptors) {
        this.server = server;
        this.limits = limits;
        this.descriptors = descriptors;
    }

    /// @return why there may be no further one; `null` if it is counted, and to be [#closed] later
    @Nullable Refusal opened(InetAddress address) {
        Refusal refusal = add(address);
        if (refusal != null && refusal != Refusal.DESCRIPTORS) { // who says so itself
            LIMITED.warn(
                    "Closing a new connection of {} to {}: there are {} in all (max.connections={}),"
                            + " {} of this address (max.connections.per.ip={})",
                    address.getHostAddress(),
                    server,
                    total(),
                    limits.max(),
                    of(address),
                    limits.maxPerAddress());
        }
        return refusal;
    }

    private synchronized @Nullable Refusal add(InetAddress address) {
        if (!descriptors.hasRoom()) {
            return Refusal.DESCRIPTORS;
        }
        if (total >= limits.max()) {
            return Refusal.TOTAL;
        }
        int same = ofAddress.getOrDefault(address, 0);
        if (same >= limits.maxPerAddress()) {
            return Refusal.ADDRESS;
        }
        ofAddress.put(address, same + 1);
        total++;
        return null;
    }

    synchronized void closed(InetAddress address) {
        total--;
        ofAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }

    private synchronized int total() {
        return total;
    }

    private synchronized int of(InetAddress address) {
        return ofAddress.getOrDefault(address, 0);
    }
}
