package io.firn.protocol;

import io.netty.buffer.ByteBuf;

import java.util.concurrent.atomic.AtomicBoolean;

/// One frame as it came, in one buffer of its own, and its share of the byte budget.
final class Frame {
    private final ByteBuf bytes;
    private final ByteBudget budget;
    private final int charged;
    private final AtomicBoolean released = new AtomicBoolean();

    /// Takes ownership of `bytes`: the four bytes of the size, then the frame.
    Frame(ByteBuf bytes, ByteBudget budget) {
        this.bytes = bytes;
        this.budget = budget;
        this.charged = bytes.capacity();
    }

    /// With the size in front.
    ByteBuf bytes() {
        return bytes;
    }

    int size() {
        return charged;
    }

    /// Gives buffer and budget back; further calls do nothing.
    void release() {
        if (released.compareAndSet(false, true)) {
            bytes.release();
            budget.give(charged);
        }
    }
}
