package io.firn.protocol;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/// One frame as it came, in one buffer of its own, and its share of the byte budget. Thread safe.
final class Frame {
    private final ByteBuf bytes;
    private final ByteBudget budget;
    private final int size;
    private int charged;
    private boolean released;
    private ByteBudget.@Nullable Claimant bodyOf;

    /// Takes ownership of `bytes`: the four bytes of the size, then the frame.
    Frame(ByteBuf bytes, ByteBudget budget) {
        this.bytes = bytes;
        this.budget = budget;
        this.size = bytes.capacity();
        this.charged = size;
    }

    /// With the size in front.
    ByteBuf bytes() {
        return bytes;
    }

    int size() {
        return size;
    }

    /// From now on it holds what its body was parsed into as well. `who` has taken these bytes from
    /// the budget; they are given back with the frame, at once if that has gone.
    void chargeBody(int heapBytes, ByteBudget.Claimant who) {
        synchronized (this) {
            if (!released) {
                charged += heapBytes;
                bodyOf = who;
                return;
            }
        }
        budget.whole(who);
        budget.give(heapBytes);
    }

    /// Gives buffer and budget back; further calls do nothing.
    void release() {
        synchronized (this) {
            if (released) {
                return;
            }
            released = true;
        }
        bytes.release();
        if (bodyOf != null) {
            budget.whole(bodyOf);
        }
        budget.give(charged);
    }
}
