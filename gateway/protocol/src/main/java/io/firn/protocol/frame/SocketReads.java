package io.firn.protocol.frame;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;

import org.jspecify.annotations.Nullable;

/// Says where a socket's next bytes go: where its target says, else into a common buffer whose size
/// follows the traffic.
public final class SocketReads implements RecvByteBufAllocator {
    /// Asked before each read of the socket, on its event loop.
    public interface Target {
        /// @return a buffer to read into, which belongs to the read; null if a common one will do
        @Nullable ByteBuf next(ByteBufAllocator alloc);

        /// Asked after each read.
        ///
        /// @return whether the loop should look after its other connections before it reads more
        default boolean turnOver() {
            return false;
        }
    }

    private final RecvByteBufAllocator common = new AdaptiveRecvByteBufAllocator();
    private final Target target;

    public SocketReads(Target target) {
        this.target = target;
    }

    @Override
    @SuppressWarnings("deprecation") // the interface names the deprecated type
    public Handle newHandle() {
        return new Reads((ExtendedHandle) common.newHandle(), target);
    }

    private static final class Reads extends DelegatingHandle implements ExtendedHandle {
        private final ExtendedHandle common;
        private final Target target;

        Reads(ExtendedHandle common, Target target) {
            super(common);
            this.common = common;
            this.target = target;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator alloc) {
            ByteBuf buffer = target.next(alloc);
            return buffer == null ? common.allocate(alloc) : buffer;
        }

        @Override
        public boolean continueReading(io.netty.util.UncheckedBooleanSupplier maybeMore) {
            return !target.turnOver() && common.continueReading(maybeMore);
        }
    }
}
