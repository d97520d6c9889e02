package io.firn.gateway.upstream;

import io.firn.gateway.splice.Pipes;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

import java.time.Duration;

/// What all connections of a gateway to brokers share: key, pipes, how long a broker may be silent
/// beyond what a request lets it wait, and which brokers are away.
public final class BrokerLinks {
    private final byte[] clusterKey;
    private final Pipes pipes;
    private final Duration timeout;
    private final Reachability reachability = new Reachability(System::nanoTime);
    private final Counter timeouts;

    public BrokerLinks(byte[] clusterKey, Pipes pipes, Duration timeout, MeterRegistry metrics) {
        this.clusterKey = clusterKey;
        this.pipes = pipes;
        this.timeout = timeout;
        this.timeouts = metrics.counter("firn.gateway.broker.timeouts");
        metrics.gauge("firn.gateway.broker.away", reachability, Reachability::awayCount);
    }

    byte[] clusterKey() {
        return clusterKey;
    }

    Pipes pipes() {
        return pipes;
    }

    Duration timeout() {
        return timeout;
    }

    Reachability reachability() {
        return reachability;
    }

    void timedOut() {
        timeouts.increment();
    }
}
