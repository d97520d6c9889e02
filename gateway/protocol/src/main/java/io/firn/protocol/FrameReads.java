package io.firn.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;

/// Says where a socket's next bytes go: into the frame that waits for them, else into a common
/// buffer whose size follows the traffic. Where a large frame is to be expected its size is read
/// first, alone, so that nothing of it is copied: a system call costs less than 16 KiB do.
final class FrameReads implements RecvByteBufAllocator {
    private final RecvByteBufAllocator common = new AdaptiveRecvByteBufAllocator();
    private final FrameDecoder decoder;

    FrameReads(FrameDecoder decoder) {
        this.decoder = decoder;
    }

    @Override
    @SuppressWarnings("deprecation") // the interface names the deprecated type
    public Handle newHandle() {
        return new Reads((ExtendedHandle) common.newHandle(), decoder);
    }

    private static final class Reads extends DelegatingHandle implements ExtendedHandle {
        private final ExtendedHandle common;
        private final FrameDecoder decoder;

        Reads(ExtendedHandle common, FrameDecoder decoder) {
            super(common);
            this.common = common;
            this.decoder = decoder;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator alloc) {
            ByteBuf frame = decoder.readTarget();
            if (frame != null) {
                return frame.retain();
            }
            int bytes = decoder.expectedSizeBytes();
            return bytes > 0 ? alloc.directBuffer(bytes, bytes) : common.allocate(alloc);
        }

        @Override
        public boolean continueReading(io.netty.util.UncheckedBooleanSupplier maybeMore) {
            return common.continueReading(maybeMore);
        }
    }
}
