package io.firn.protocol;

import io.netty.channel.EventLoop;

/// A connection as someone sees it who passes bytes through. All methods are called on
/// [#eventLoop()].
public interface ClientChannel {
    EventLoop eventLoop();

    /// Whether the client reads fast enough to be sent more.
    boolean isWritable();

    /// Called when [#isWritable()] may have changed; replaces what was set before.
    void onWritability(Runnable action);

    /// Stops or resumes reading of requests, for example while a broker does not take more.
    void pauseReading(boolean pause);
}
