package io.firn.tiering.cold.load;

import java.util.ArrayDeque;
import java.util.Iterator;

/// Large arrays to be used again: a backfill would else make several hundred MB of garbage a
/// second, and producers would wait for the collector. Safe for use by many threads; who gives an
/// array back must not touch it any more.
public final class RecycledArrays {
    private static final int STEP = 256 << 10; // so that arrays of about the same size are the same
    private static final int SMALLEST = 3 * STEP;

    private final long budgetBytes;
    private final ArrayDeque<byte[]> idle = new ArrayDeque<>();
    private long idleBytes;

    /// @param budgetBytes of arrays that lie idle; more are left to the collector
    public RecycledArrays(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    /// An array of at least so many bytes, with whatever was in it before; at most two thirds
    /// longer, since who counts what it holds counts what it asked for.
    public byte[] take(int atLeast) {
        if (atLeast < SMALLEST) {
            return new byte[atLeast];
        }
        int rounded = (int) Math.min(((long) atLeast + STEP - 1) / STEP * STEP, 1 << 30);
        return rounded < atLeast ? new byte[atLeast] : recycled(rounded);
    }

    private synchronized byte[] recycled(int length) {
        for (Iterator<byte[]> each = idle.descendingIterator(); each.hasNext(); ) {
            byte[] array = each.next();
            if (array.length >= length && array.length - length <= length / 4) {
                each.remove();
                idleBytes -= array.length;
                return array;
            }
        }
        return new byte[length];
    }

    public synchronized void give(byte[] array) {
        if (array.length < SMALLEST || array.length > budgetBytes) {
            return;
        }
        idle.addLast(array);
        idleBytes += array.length;
        while (idleBytes > budgetBytes) {
            idleBytes -= idle.removeFirst().length;
        }
    }
}
