package io.firn.protocol.frame;

import io.netty.buffer.ByteBuf;

import org.jspecify.annotations.Nullable;

/// One frame as it came, in one buffer of its own, and its share of the byte budget. Thread safe.
public final class Frame {
    private final ByteBuf bytes;
    private final ByteBudget.Share share;
    private final int size;
    private int bodyBytes;
    private int holders;
    private boolean released;
    private ByteBudget.@Nullable Claimant bodyOf;

    /// Takes ownership of `bytes`: the four bytes of the size, then the frame.
    Frame(ByteBuf bytes, ByteBudget.Share share) {
        this.bytes = bytes;
        this.share = share;
        this.size = bytes.capacity();
    }

    /// With the size in front.
    public ByteBuf bytes() {
        return bytes;
    }

    public int size() {
        return size;
    }

    /// From now on it holds what its body was parsed into as well. `who` has taken these bytes from
    /// the budget; they are given back with the frame, at once if that has gone.
    public void chargeBody(int heapBytes, ByteBudget.Claimant who) {
        synchronized (this) {
            if (!released) {
                bodyBytes = heapBytes;
                bodyOf = who;
                return;
            }
        }
        giveBody(who, heapBytes);
    }

    /// Keeps buffer and budget until [#letGo], whatever is released meanwhile.
    ///
    /// @return false when they are given back already
    public synchronized boolean hold() {
        if (released) {
            return false;
        }
        holders++;
        return true;
    }

    public void letGo() {
        synchronized (this) {
            holders--;
            if (holders > 0 || !released) {
                return;
            }
        }
        free();
    }

    /// Gives buffer and budget back, once nobody holds them; further calls do nothing.
    public void release() {
        synchronized (this) {
            if (released) {
                return;
            }
            released = true;
            if (holders > 0) {
                return;
            }
        }
        free();
    }

    private void free() {
        bytes.release();
        if (bodyOf != null) {
            giveBody(bodyOf, bodyBytes);
        }
        share.give(ByteBudget.Kind.of(size), size);
    }

    private void giveBody(ByteBudget.Claimant who, int heapBytes) {
        share.budget().whole(who);
        share.give(ByteBudget.Kind.of(heapBytes), heapBytes);
    }
}
