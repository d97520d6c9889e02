package io.firn.gateway;

import io.firn.protocol.Refusal;
import io.firn.protocol.TrafficObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import org.apache.kafka.common.protocol.ApiKeys;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Connections, requests, bytes and times of a port for clients.
final class GatewayMetrics implements TrafficObserver {
    private final AtomicInteger connections = new AtomicInteger();
    private final Counter bytesIn;
    private final Counter bytesOut;
    private final Map<Refusal, Counter> refused = new EnumMap<>(Refusal.class);
    private final Counter idle;
    private final Counter stalled;
    private final Counter large;
    private final Map<ApiKeys, Counter> requests = new EnumMap<>(ApiKeys.class);
    private final Map<ApiKeys, Timer> times = new EnumMap<>(ApiKeys.class);

    /// @param prefix of the names, for example `firn.gateway`
    GatewayMetrics(MeterRegistry registry, String prefix) {
        registry.gauge(prefix + ".connections", connections);
        this.bytesIn = registry.counter(prefix + ".bytes.in");
        this.bytesOut = registry.counter(prefix + ".bytes.out");
        for (Refusal why : Refusal.values()) {
            refused.put(
                    why,
                    registry.counter(
                            prefix + ".connections.refused",
                            "limit",
                            why.name().toLowerCase(Locale.ROOT)));
        }
        this.idle = registry.counter(prefix + ".connections.idle");
        this.stalled = registry.counter(prefix + ".connections.stalled");
        this.large = registry.counter(prefix + ".requests.large");
        for (ApiKeys api : ApiKeys.values()) {
            requests.put(api, registry.counter(prefix + ".requests", "api", api.name));
            times.put(api, registry.timer(prefix + ".request.time", "api", api.name));
        }
    }

    @Override
    public void opened() {
        connections.incrementAndGet();
    }

    @Override
    public void closed() {
        connections.decrementAndGet();
    }

    @Override
    public void refused(Refusal why) {
        Counter counter = refused.get(why);
        if (counter != null) {
            counter.increment();
        }
    }

    @Override
    public void idle() {
        idle.increment();
    }

    @Override
    public void stalled() {
        stalled.increment();
    }

    @Override
    public void large() {
        large.increment();
    }

    @Override
    public void received(ApiKeys api, int bytes) {
        bytesIn.increment(bytes);
        Counter counter = requests.get(api);
        if (counter != null) {
            counter.increment();
        }
    }

    @Override
    public void sent(int bytes) {
        bytesOut.increment(bytes);
    }

    @Override
    public void answered(ApiKeys api, long bytes, long nanos) {
        bytesOut.increment(bytes);
        Timer timer = times.get(api);
        if (timer != null) {
            timer.record(nanos, TimeUnit.NANOSECONDS);
        }
    }
}
