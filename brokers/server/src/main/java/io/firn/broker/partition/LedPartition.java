package io.firn.broker.partition;

import io.firn.log.PartitionLog;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/// One partition that this broker leads, or led until a moment ago. Its log is opened on first use.
public final class LedPartition {
    private final TopicIdPartition partition;
    private final Supplier<PartitionLog> openLog;
    private final Waitlist waitlist = new Waitlist();
    private final LongConsumer wake = highWatermark -> waitlist.wakeAll();

    private volatile Leadership leadership;
    private volatile boolean resigned;
    private volatile @Nullable PartitionLog log;
    private volatile @Nullable String outOfUse;
    private @Nullable Runnable onFirstUse;

    /// @param epoch leader epoch
    /// @param inSync size of the in-sync replica set, this broker included
    public record Leadership(int epoch, int inSync) {}

    /// @param openLog opens the partition's log; called at most once at a time
    public LedPartition(
            TopicIdPartition partition, Leadership leadership, Supplier<PartitionLog> openLog) {
        this.partition = partition;
        this.leadership = leadership;
        this.openLog = openLog;
    }

    /// Topic id, inside name and partition.
    public TopicIdPartition partition() {
        return partition;
    }

    public int epoch() {
        return leadership.epoch();
    }

    public int inSync() {
        return leadership.inSync();
    }

    public Waitlist waitlist() {
        return waitlist;
    }

    /// The log if it has been used since this broker leads it.
    public Optional<PartitionLog> usedLog() {
        return Optional.ofNullable(log);
    }

    /// Runs `action` when the log is first used, on the thread that uses it: at once if it has
    /// been, never if this partition is resigned before. A later action takes the place of one
    /// that waits. A partition that nobody uses costs nothing more than this object.
    public synchronized void whenUsed(Runnable action) {
        if (log == null) {
            onFirstUse = action;
        } else {
            action.run();
        }
    }

    /// Its log takes and gives nothing any more, until the next start (C2): for this reason.
    public void outOfUse(String why) {
        outOfUse = why;
        waitlist.wakeAll();
    }

    /// @throws KafkaStorageException when the log cannot be opened, or is out of use
    public PartitionLog log() {
        String why = outOfUse;
        if (why != null) {
            throw new KafkaStorageException(why);
        }
        PartitionLog opened = log;
        return opened != null ? opened : openNow();
    }

    private synchronized PartitionLog openNow() {
        PartitionLog opened = log;
        if (opened != null) {
            return opened;
        }
        opened = openLog.get();
        opened.becomeLeader(leadership.epoch());
        opened.onHighWatermark(wake);
        log = opened;
        Runnable action = onFirstUse;
        onFirstUse = null;
        if (action != null) {
            action.run();
        }
        return opened;
    }

    /// A new leader epoch or another in-sync set.
    public synchronized void lead(Leadership next) {
        boolean newEpoch = next.epoch() > leadership.epoch();
        leadership = next;
        PartitionLog opened = log;
        if (newEpoch && opened != null) {
            opened.becomeLeader(next.epoch());
        }
        waitlist.wakeAll();
    }

    /// Another broker leads, or the topic is gone: whoever waits here is told.
    public synchronized void resign() {
        resigned = true;
        onFirstUse = null;
        PartitionLog opened = log;
        if (opened != null) {
            opened.removeListener(wake);
        }
        waitlist.wakeAll();
    }

    public boolean resigned() {
        return resigned;
    }

    /// What to answer to somebody who believes in `epoch`, -1 for no belief (R4).
    public Errors checkEpoch(int believed) {
        if (resigned) {
            return Errors.NOT_LEADER_OR_FOLLOWER;
        }
        int current = leadership.epoch();
        if (believed < 0 || believed == current) {
            return Errors.NONE;
        }
        return believed < current ? Errors.FENCED_LEADER_EPOCH : Errors.UNKNOWN_LEADER_EPOCH;
    }

    @Override
    public String toString() {
        return "%s-%d (%s), epoch %d"
                .formatted(partition.topic(), partition.partition(), partition.topicId(), epoch());
    }
}
