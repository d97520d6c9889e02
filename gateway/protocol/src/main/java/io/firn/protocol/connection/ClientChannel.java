package io.firn.protocol.connection;

import io.netty.channel.EventLoop;

import java.util.OptionalInt;

/// A connection as someone sees it who passes bytes through. All methods are called on
/// [#eventLoop()].
public interface ClientChannel {
    EventLoop eventLoop();

    /// Whether the client reads fast enough to be sent more.
    boolean isWritable();

    /// The file descriptor of its socket, if what a [StreamedAnswer] writes goes into that as it
    /// is: on Linux, and without TLS. Good as long as the connection is open.
    OptionalInt plainSocket();

    /// Called when [#isWritable()] may have changed; replaces what was set before.
    void onWritability(Runnable action);

    /// Stops or resumes reading of requests, for example while a broker does not take more.
    void pauseReading(boolean pause);
}
