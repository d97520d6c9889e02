package io.firn.protocol;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/// Bytes that all connections of a server may hold at once (G7). A connection that finds no room
/// waits in a queue, first come first served, and reads nothing more until it is called.
public final class ByteBudget {
    private final long totalBytes;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private long freeBytes;

    public ByteBudget(long totalBytes) {
        this.totalBytes = totalBytes;
        this.freeBytes = totalBytes;
    }

    /// Takes `bytes` if they are free; otherwise `onRoom` is called once when some are given back.
    synchronized boolean tryTake(int bytes, Runnable onRoom) {
        if (freeBytes >= bytes) {
            freeBytes -= bytes;
            return true;
        }
        waiting.add(onRoom);
        return false;
    }

    void give(int bytes) {
        List<Runnable> called = new ArrayList<>();
        synchronized (this) {
            freeBytes += bytes;
            Runnable next = waiting.poll();
            while (next != null) {
                called.add(next);
                next = waiting.poll();
            }
        }
        called.forEach(Runnable::run);
    }

    public synchronized long usedBytes() {
        return totalBytes - freeBytes;
    }
}
