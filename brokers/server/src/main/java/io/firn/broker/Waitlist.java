package io.firn.broker;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Who waits for one partition to move: its high watermark, its leader, its deletion.
final class Waitlist {
    private final Set<Runnable> waiting = ConcurrentHashMap.newKeySet();

    /// `wake` is called on the log's thread, any number of times, and must return at once. Look at
    /// the partition again after adding: it may have moved in between.
    void add(Runnable wake) {
        waiting.add(wake);
    }

    void remove(Runnable wake) {
        waiting.remove(wake);
    }

    void wakeAll() {
        waiting.forEach(Runnable::run);
    }

    int size() {
        return waiting.size();
    }
}
