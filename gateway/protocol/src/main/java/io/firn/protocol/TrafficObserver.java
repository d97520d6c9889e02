package io.firn.protocol;

import org.apache.kafka.common.protocol.ApiKeys;

/// Hears what a server does, for metrics. Called on event loops: it must be quick.
public interface TrafficObserver {
    TrafficObserver NONE = new TrafficObserver() {};

    default void opened() {}

    default void closed() {}

    /// A new connection was closed at once.
    default void refused(Refusal why) {}

    /// A connection is closed because nothing happened on it.
    default void idle() {}

    /// A connection is closed because its half frame held memory and hardly moved.
    default void stalled() {}

    /// A request is handled off the event loop.
    default void large() {}

    default void received(ApiKeys api, int bytes) {}

    /// A response goes out that is passed on in parts; [#sent] counts its bytes.
    default void sent(int bytes) {}

    /// @param nanos from the last byte of the request to the first of the response
    default void answered(ApiKeys api, long bytes, long nanos) {}
}
