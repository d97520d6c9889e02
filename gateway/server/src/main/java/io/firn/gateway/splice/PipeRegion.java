package io.firn.gateway.splice;

import io.netty.channel.FileRegion;
import io.netty.util.AbstractReferenceCounted;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/// The bytes of a pipe as something that a channel writes in its turn. It goes on when the socket
/// takes more, as a file would; when it is gone, the pipe is given back.
final class PipeRegion extends AbstractReferenceCounted implements FileRegion {
    private final Pipe pipe;
    private final int bytes;
    private final int socket;
    private final Runnable afterUse;

    /// @param socket the descriptor of the channel that it will be written to
    PipeRegion(Pipe pipe, int socket, Runnable afterUse) {
        this.pipe = pipe;
        this.bytes = pipe.bytes();
        this.socket = socket;
        this.afterUse = afterUse;
    }

    @Override
    public long transferTo(WritableByteChannel target, long position) throws IOException {
        return pipe.drain(socket); // where `target` leads, too; a pipe has no position
    }

    @Override
    public long position() {
        return 0;
    }

    @Override
    public long transferred() {
        return (long) bytes - pipe.bytes();
    }

    @Override
    @Deprecated
    public long transfered() {
        return transferred();
    }

    @Override
    public long count() {
        return bytes;
    }

    @Override
    protected void deallocate() {
        afterUse.run();
    }

    @Override
    public PipeRegion touch() {
        return this;
    }

    @Override
    public PipeRegion touch(Object hint) {
        return this;
    }

    @Override
    public PipeRegion retain() {
        super.retain();
        return this;
    }

    @Override
    public PipeRegion retain(int increment) {
        super.retain(increment);
        return this;
    }
}
