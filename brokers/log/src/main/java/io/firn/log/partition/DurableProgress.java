package io.firn.log.partition;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;

/// How far one log is appended and how far that is durable (L3), whether its files are open or not,
/// and who wants to know.
final class DurableProgress {
    private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();
    private volatile long durableEnd;
    private volatile long appendedEnd;

    DurableProgress(long end) {
        this.durableEnd = end;
        this.appendedEnd = end;
    }

    long durableEnd() {
        return durableEnd;
    }

    long appendedEnd() {
        return appendedEnd;
    }

    boolean isAllDurable() {
        return durableEnd == appendedEnd;
    }

    void appendedTo(long end) {
        appendedEnd = end;
    }

    /// Called in the order of groups.
    void durableTo(long end) {
        durableEnd = end;
        for (LongConsumer listener : listeners) {
            listener.accept(end);
        }
    }

    void add(LongConsumer listener) {
        listeners.add(listener);
    }

    void remove(LongConsumer listener) {
        listeners.remove(listener);
    }
}
