package io.firn.gateway.splice;

import io.netty.channel.FileRegion;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/// Takes bytes from a broker's socket for a client's socket without copying them. At most one pipe
/// is in use, so what waits for a client that does not read is bounded by a pipe's size. Used on
/// the client's event loop only.
public final class Splice {
    private final Pipes pipes;
    private final int from;
    private final int to;
    private final Runnable onFree;
    private boolean free = true;

    /// @param from descriptor of the broker's socket
    /// @param to descriptor of the client's socket
    /// @param onFree called when a part has been written or dropped, possibly while it is being
    ///     written
    public Splice(Pipes pipes, int from, int to, Runnable onFree) {
        this.pipes = pipes;
        this.from = from;
        this.to = to;
        this.onFree = onFree;
    }

    /// Whether the last part has left, so that there may be another.
    public boolean isFree() {
        return free;
    }

    /// The next bytes; they belong to the caller.
    ///
    /// @return null if the socket has none for now, the broker closed it, or no pipe is free
    public @Nullable FileRegion next(long most) throws IOException {
        Pipe pipe = pipes.take();
        if (pipe == null) {
            return null;
        }
        int bytes = 0;
        try {
            bytes = pipe.fill(from, most);
        } finally {
            if (bytes == 0) {
                pipes.give(pipe);
            }
        }
        if (bytes == 0) {
            return null;
        }
        pipes.count(bytes);
        free = false;
        return new PipeRegion(pipe, to, () -> gone(pipe));
    }

    private void gone(Pipe pipe) {
        pipes.give(pipe);
        free = true;
        onFree.run();
    }
}
