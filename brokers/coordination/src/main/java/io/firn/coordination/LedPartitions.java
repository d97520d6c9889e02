package io.firn.coordination;

import io.firn.log.CoordinatorLog;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The internal partitions that this broker leads, with the log of each once it is open.
final class LedPartitions {
    /// One leadership; `log` is null until a loader has opened it.
    ///
    /// @param term goes up with each resignation, not with each leader epoch
    record Led(TopicIdPartition id, int leaderEpoch, long term, @Nullable CoordinatorLog log) {}

    /// A leadership in use.
    record Opened(CoordinatorLog log, int leaderEpoch) {}

    private final CoordinatorLogs logs;
    private final Map<TopicPartition, Led> led = new ConcurrentHashMap<>();
    private final Map<TopicPartition, Loads> loads = new HashMap<>();
    private long terms;

    /// Which term the runtime's loads of a partition are for.
    private static final class Loads {
        final Deque<Long> due = new ArrayDeque<>(1);
        long last;
    }

    LedPartitions(CoordinatorLogs logs) {
        this.logs = logs;
    }

    synchronized void elected(TopicIdPartition id, int leaderEpoch) {
        Led before = led.get(id.topicPartition());
        long term = before == null ? ++terms : before.term();
        if (before == null) {
            loads.computeIfAbsent(id.topicPartition(), p -> new Loads()).due.add(term);
        }
        led.put(id.topicPartition(), new Led(id, leaderEpoch, term, null));
    }

    synchronized void resigned(TopicPartition partition) {
        led.remove(partition);
    }

    /// The time from an election to the resignation after it: another number for each, at least 1;
    /// 0 while this broker does not lead the partition.
    long term(TopicPartition partition) {
        Led leadership = led.get(partition);
        return leadership == null ? 0 : leadership.term();
    }

    /// The term that the load is for with which the runtime begins now. It begins the loads of a
    /// partition in the order of its elections, some time after them; then again for the last term.
    synchronized long termToLoad(TopicPartition partition) {
        Loads these = loads.computeIfAbsent(partition, p -> new Loads());
        Long due = these.due.poll();
        these.last = due == null ? these.last : due;
        return these.last;
    }

    /// Does the step if this term still lasts; it ends after the step at the earliest.
    ///
    /// @param step must return at once
    /// @return whether it was done
    synchronized boolean during(TopicPartition partition, long term, Runnable step) {
        if (term != term(partition)) {
            return false;
        }
        step.run();
        return true;
    }

    boolean leads(TopicPartition partition) {
        return led.containsKey(partition);
    }

    /// The partition's leadership with its log, opened and led on first use after an election.
    ///
    /// @throws NotLeaderOrFollowerException when this broker does not lead it
    Opened require(TopicPartition partition) {
        Led leadership = led.get(partition);
        if (leadership == null) {
            throw new NotLeaderOrFollowerException(
                    "This broker does not lead %s any more; ask its coordinator again"
                            .formatted(partition));
        }
        CoordinatorLog log = leadership.log();
        if (log == null) {
            log = logs.lead(leadership.id(), leadership.leaderEpoch());
            // An election in between wins: the next use leads with its epoch.
            led.replace(
                    partition,
                    leadership,
                    new Led(leadership.id(), leadership.leaderEpoch(), leadership.term(), log));
        }
        return new Opened(log, leadership.leaderEpoch());
    }
}
