package io.firn.log.segment;

import io.firn.log.journal.JournalFile;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The memory in which the active segments of one disk gather bytes: one budget, two sizes (L10).
///
/// It is taken in slabs of 1 MiB that are recycled and never given back to the system, since the
/// first touch of a page is what costs. A slab is one large buffer or sixteen small ones. Large
/// ones take at most half of the budget, so that busy partitions leave the others theirs. Thread
/// safe.
public final class SegmentBuffers {
    static final int LARGE = 1 << 20;
    static final int SMALL = 64 << 10;
    private static final int SLOTS = LARGE / SMALL;

    /// One buffer, aligned for O_DIRECT.
    ///
    /// @param slot of the slab, -1 for all of it
    record Buffer(ByteBuffer bytes, Slab slab, int slot) {
        int capacity() {
            return bytes.capacity();
        }

        boolean large() {
            return slot < 0;
        }
    }

    static final class Slab {
        private final ByteBuffer bytes = JournalFile.buffer(LARGE);
        private int usedSlots;
    }

    private final int maxSlabs;
    private final Deque<Slab> free = new ArrayDeque<>();
    private final List<Slab> cut = new ArrayList<>();
    private int slabs;
    private int large;

    /// @param budgetBytes at least 2 MiB
    public SegmentBuffers(long budgetBytes) {
        this.maxSlabs = (int) Math.max(2, budgetBytes / LARGE);
    }

    /// Null when the budget is used up: the caller writes through the page cache.
    synchronized @Nullable Buffer take(int size) {
        if (size == LARGE) {
            Slab slab = large < maxSlabs / 2 ? slab() : null;
            if (slab == null) {
                return null;
            }
            large++;
            return new Buffer(slab.bytes.duplicate(), slab, -1);
        }
        if (cut.isEmpty()) {
            Slab slab = slab();
            if (slab == null) {
                return null;
            }
            cut.add(slab);
        }
        Slab slab = cut.getLast();
        int slot = Integer.numberOfTrailingZeros(~slab.usedSlots);
        slab.usedSlots |= 1 << slot;
        if (Integer.bitCount(slab.usedSlots) == SLOTS) {
            cut.removeLast();
        }
        return new Buffer(slab.bytes.slice(slot * SMALL, SMALL), slab, slot);
    }

    private @Nullable Slab slab() {
        Slab recycled = free.poll();
        if (recycled != null || slabs == maxSlabs) {
            return recycled;
        }
        slabs++;
        return new Slab();
    }

    /// The buffer's bytes may be anybody's from here on.
    synchronized void giveBack(Buffer buffer) {
        Slab slab = buffer.slab;
        if (buffer.large()) {
            large--;
            free.push(slab);
            return;
        }
        boolean wasFull = Integer.bitCount(slab.usedSlots) == SLOTS;
        slab.usedSlots &= ~(1 << buffer.slot);
        if (slab.usedSlots == 0) {
            cut.remove(slab);
            free.push(slab);
        } else if (wasFull) {
            cut.add(slab);
        }
    }

    /// Bytes taken from the system.
    synchronized long allocatedBytes() {
        return (long) slabs * LARGE;
    }
}
