package io.firn.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;

/// Lets a [ResponseReader] move bytes by `splice(2)` each time before Netty reads the broker's
/// socket. What Netty then finds is the rest: nothing, the end, or bytes that are worth a copy.
final class ResponseReads implements RecvByteBufAllocator {
    private final RecvByteBufAllocator common = new AdaptiveRecvByteBufAllocator();
    private final ResponseReader responses;

    ResponseReads(ResponseReader responses) {
        this.responses = responses;
    }

    @Override
    @SuppressWarnings("deprecation") // the interface names the deprecated type
    public Handle newHandle() {
        return new Reads((ExtendedHandle) common.newHandle(), responses);
    }

    private static final class Reads extends DelegatingHandle implements ExtendedHandle {
        /// After a part has been moved the socket is empty, or the client does not take more.
        private static final int LITTLE_BYTES = 1024;

        private final ExtendedHandle common;
        private final ResponseReader responses;

        Reads(ExtendedHandle common, ResponseReader responses) {
            super(common);
            this.common = common;
            this.responses = responses;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator alloc) {
            return responses.spliced() ? alloc.directBuffer(LITTLE_BYTES) : common.allocate(alloc);
        }

        @Override
        public boolean continueReading(io.netty.util.UncheckedBooleanSupplier maybeMore) {
            return common.continueReading(maybeMore);
        }
    }
}
