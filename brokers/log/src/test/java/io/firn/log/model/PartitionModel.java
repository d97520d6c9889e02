package io.firn.log.model;

import org.apache.kafka.common.TopicIdPartition;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// What one partition has to hold: what was acknowledged, what may have gone by retention or
/// compaction, and what was attempted and not answered.
///
/// `mustStart <= log start <= mayStart <= end`
final class PartitionModel {
    /// What the log has to know of a producer.
    record Producer(int lastSequence, long lastBase, long lastOffset) {}

    /// @param logStart what lies between it and `offset` is in the table
    record Restart(long offset, long logStart) {}

    final TopicIdPartition partition;
    Topic topic;
    private final TreeMap<Long, Rec> records = new TreeMap<>();
    private final Set<Long> mayBeGone = new HashSet<>();
    private final Map<Long, Producer> producers = new HashMap<>();
    private long end;
    private long mustStart;
    private long mayStart;
    private long mayLocalStart;
    private int epoch;

    // Attempted, not answered.
    private final List<Sent> unsure = new ArrayList<>();
    private @Nullable Restart unsureRestart;
    private boolean unsureDeleted;

    PartitionModel(TopicIdPartition partition, Topic topic) {
        this.partition = partition;
        this.topic = topic;
    }

    PartitionModel copy() {
        var copy = new PartitionModel(partition, topic);
        copy.records.putAll(records);
        copy.mayBeGone.addAll(mayBeGone);
        copy.producers.putAll(producers);
        copy.end = end;
        copy.mustStart = mustStart;
        copy.mayStart = mayStart;
        copy.mayLocalStart = mayLocalStart;
        copy.epoch = epoch;
        copy.unsure.addAll(unsure);
        copy.unsureRestart = unsureRestart;
        copy.unsureDeleted = unsureDeleted;
        return copy;
    }

    // ---- what is known

    long end() {
        return end;
    }

    long mustStart() {
        return mustStart;
    }

    long mayStart() {
        return mayStart;
    }

    /// The highest offset at which the local segments may begin.
    long mayLocalStart() {
        return Math.max(mayStart, mayLocalStart);
    }

    int epoch() {
        return epoch;
    }

    void nextEpoch() {
        epoch++;
    }

    boolean isEmpty() {
        return end == 0 && unsure.isEmpty() && unsureRestart == null;
    }

    @Nullable Rec at(long offset) {
        return records.get(offset);
    }

    SortedMap<Long, Rec> from(long offset) {
        return records.tailMap(offset);
    }

    boolean mayBeGone(long offset) {
        return mayBeGone.contains(offset);
    }

    /// What has to be known of producers: of those whose last batch cannot be gone.
    Map<Long, Producer> producers() {
        var certain = new HashMap<Long, Producer>();
        producers.forEach(
                (id, one) -> {
                    if (one.lastOffset() >= mayLocalStart()) {
                        certain.put(id, one);
                    }
                });
        return certain;
    }

    int nextSequence(long producer) {
        Producer one = producers.get(producer);
        int next = one == null ? 0 : one.lastSequence() + 1;
        for (Sent sent : unsure) {
            next = sent.producer() == producer ? sent.sequence() + sent.count() : next;
        }
        return next;
    }

    // ---- attempts

    void attempt(Sent sent) {
        unsure.add(sent);
    }

    void refused(Sent sent) {
        unsure.remove(sent);
    }

    /// It is durable at this offset.
    void acknowledged(Sent sent, long base) {
        unsure.remove(sent);
        Violation.unless(
                base == end, "%s: a batch got offset %d, the end is %d", partition, base, end);
        for (Rec record : sent.records()) {
            records.put(end++, record);
        }
        if (sent.producer() >= 0) {
            producers.put(
                    sent.producer(),
                    new Producer(sent.sequence() + sent.count() - 1, base, end - 1));
        }
    }

    void attemptLogStart(long offset) {
        mayStart = Math.max(mayStart, offset);
    }

    void logStartIs(long offset) {
        mustStart = Math.max(mustStart, offset);
        mayStart = Math.max(mayStart, mustStart);
        records.headMap(mustStart).clear();
    }

    void attemptRestart(Restart at) {
        unsureRestart = at;
    }

    void restarted(Restart at) {
        unsureRestart = null;
        unsure.clear();
        records.clear();
        mayBeGone.clear();
        producers.clear();
        end = at.offset();
        mustStart = at.logStart();
        mayStart = at.logStart();
        mayLocalStart = at.offset();
    }

    @Nullable Restart unsureRestart() {
        return unsureRestart;
    }

    void attemptDelete() {
        unsureDeleted = true;
    }

    boolean unsureDeleted() {
        return unsureDeleted;
    }

    List<Sent> unsure() {
        return unsure;
    }

    /// All of it is in the table: its local copy may go.
    void mayLeaveLocally(long below) {
        mayLocalStart = Math.max(mayLocalStart, Math.min(below, end));
    }

    // ---- what housekeeping may do

    void mayBeKeptHouse() {
        switch (topic) {
            case PLAIN, STAMPED, RECODED, TIERED -> {}
            case SIZED -> mayStart = Math.max(mayStart, startBySize());
            case AGED -> mayStart = Math.max(mayStart, startByAge());
            case COMPACTED -> mayBeCompacted();
        }
    }

    private void mayBeCompacted() {
        var seen = new HashSet<String>();
        for (long offset : records.descendingKeySet()) {
            Rec record = records.get(offset);
            if (record != null && !seen.add(record.key())) {
                mayBeGone.add(offset);
            }
        }
    }

    /// Kafka keeps at least this much; half of it here, since batches may have been written anew.
    private long startBySize() {
        long bytes = 0;
        for (long offset : records.descendingKeySet()) {
            Rec record = records.get(offset);
            bytes += record == null ? 0 : record.bytes();
            if (bytes >= Topic.KEPT_BYTES / 2) {
                return offset;
            }
        }
        return mayStart;
    }

    private long startByAge() {
        for (Map.Entry<Long, Rec> one : records.entrySet()) {
            if (!one.getValue().old()) {
                return one.getKey();
            }
        }
        return end;
    }

    // ---- what was seen

    /// The log is as it is: nothing is unsure any more.
    void seen() {
        unsure.clear();
        unsureRestart = null;
        unsureDeleted = false;
    }

    @Override
    public String toString() {
        return "%s %s [%d..%d, %d), local up to %d"
                .formatted(partition, topic, mustStart, mayStart, end, mayLocalStart);
    }
}
