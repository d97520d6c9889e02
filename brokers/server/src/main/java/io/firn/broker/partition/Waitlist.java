package io.firn.broker.partition;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Who waits for one partition to move: its high watermark, its leader, its deletion.
public final class Waitlist {
    private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();

    /// `wake` is called on the log's thread, any number of times, and must return at once. Look at
    /// the partition again after adding: it may have moved in between.
    public void add(Runnable wake) {
        waiting.add(wake);
    }

    public void remove(Runnable wake) {
        waiting.remove(wake);
    }

    public void wakeAll() {
        waiting.forEach(Runnable::run);
    }

    public int size() {
        return waiting.size();
    }
}
