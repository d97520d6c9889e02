package io.firn.log.producer;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.ProducerAppendInfo;
import org.apache.kafka.storage.internals.log.ProducerStateEntry;
import org.apache.kafka.storage.internals.log.ProducerStateManager;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;

import java.io.File;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// The producers that one log remembers, as Kafka keeps them, within what all logs may hold
/// ([ProducerMemory]).
///
/// The idlest are forgotten first, by their place in the log and not by timestamps, which clients
/// choose; and before any that goes on, those that have sent a single batch. So who makes up ids
/// takes the place of his own, and a producer that is at work keeps its sequences (I13). A
/// forgotten one is as one that expired: its next batch is taken, whatever its sequence.
///
/// Used as its super class is: under the log's lock, or by who opens the log.
public final class KnownProducers extends ProducerStateManager {
    /// An eighth at once, so that choosing costs an append little.
    private static final int AT_ONCE = 8;

    /// No batch has it: who has it expires, at whatever time.
    private static final long NEVER = Long.MIN_VALUE / 2;

    private final TopicPartition partition;
    private final ProducerMemory memory;
    private int counted;
    private boolean released;

    public KnownProducers(
            TopicPartition partition,
            File folder,
            int maxTransactionMs,
            ProducerStateManagerConfig config,
            Time time,
            ProducerMemory memory)
            throws IOException {
        super(partition, folder, maxTransactionMs, config, time);
        this.partition = partition;
        this.memory = memory;
        memory.opened();
    }

    @Override
    public void update(ProducerAppendInfo appended) {
        super.update(appended);
        keepShare();
    }

    /// Of a snapshot.
    @Override
    public void loadProducerEntry(ProducerStateEntry entry) {
        super.loadProducerEntry(entry);
        keepShare();
    }

    @Override
    public void removeExpiredProducers(long now) {
        super.removeExpiredProducers(now);
        keepShare();
    }

    @Override
    public void truncateFullyAndReloadSnapshots() throws IOException {
        super.truncateFullyAndReloadSnapshots();
        count();
    }

    @Override
    public void truncateAndReload(long logStart, long logEnd, long now) throws IOException {
        super.truncateAndReload(logStart, logEnd, now);
        count();
    }

    @Override
    public void truncateFullyAndStartAt(long offset) throws IOException {
        super.truncateFullyAndStartAt(offset);
        count();
    }

    private void keepShare() {
        count();
        int known = producerIdCount();
        if (memory.isFull() && known > memory.share()) {
            forget(Math.ceilDiv(known, AT_ONCE));
        }
    }

    private void forget(int entries) {
        List<ProducerStateEntry> byAge =
                activeProducers().values().stream()
                        .filter(entry -> entry.currentTxnFirstOffset().isEmpty())
                        .sorted(Comparator.comparingLong(ProducerStateEntry::lastDataOffset))
                        .toList();
        // The newest may be about to go on.
        Stream<ProducerStateEntry> oneBatch =
                byAge.stream().limit(byAge.size() - entries).filter(e -> !goesOn(e));
        List<ProducerStateEntry> idlest =
                Stream.concat(oneBatch, byAge.stream().filter(KnownProducers::goesOn))
                        .limit(entries)
                        .toList();
        for (ProducerStateEntry entry : idlest) {
            super.loadProducerEntry(
                    new ProducerStateEntry(
                            entry.producerId(),
                            entry.producerEpoch(),
                            entry.coordinatorEpoch(),
                            NEVER,
                            OptionalLong.empty()));
        }
        super.removeExpiredProducers(0);
        count();
        memory.forgot(partition.toString(), idlest.size());
    }

    /// Whether it has sent more than one batch.
    private static boolean goesOn(ProducerStateEntry entry) {
        return entry.batchMetadata().size() > 1
                || entry.batchMetadata().stream().anyMatch(batch -> batch.firstSeq() != 0);
    }

    private synchronized void count() {
        if (!released) {
            int now = producerIdCount();
            memory.add(now - counted);
            counted = now;
        }
    }

    /// Its log is closed, or was never opened.
    public synchronized void release() {
        if (!released) {
            released = true;
            memory.add(-counted);
            memory.closed();
        }
    }
}
