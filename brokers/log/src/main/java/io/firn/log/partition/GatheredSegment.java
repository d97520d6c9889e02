package io.firn.log.partition;

import io.firn.log.producer.KnownProducers;
import io.firn.log.producer.ProducerMemory;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.epoch.LeaderEpochFileCache;
import org.apache.kafka.storage.internals.log.LazyIndex;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogSegment;
import org.apache.kafka.storage.internals.log.ProducerStateManager;

import java.io.IOException;

/// A segment that takes appends. Recovering it after a crash remembers no more producers than a log
/// that runs: Kafka's loader, which brings an unbounded memory, gets what is left of it (G7).
final class GatheredSegment extends LogSegment {
    private final TopicPartition partition;
    private final ProducerMemory memory;
    private final Time time;

    /// @param plain the same segment as Kafka opened it; unused from now on, but for its
    ///     transaction index, to which `UnifiedLog` may append once more
    GatheredSegment(
            TopicPartition partition,
            FileRecords records,
            LogSegment plain,
            LogConfig config,
            ProducerMemory memory,
            Time time)
            throws IOException {
        super(
                records,
                LazyIndex.forOffset(
                        plain.offsetIndexFile(), plain.baseOffset(), config.maxIndexSize),
                LazyIndex.forTime(plain.timeIndexFile(), plain.baseOffset(), config.maxIndexSize),
                plain.txnIndex(),
                plain.baseOffset(),
                config.indexInterval,
                plain.rollJitterMs(),
                time);
        this.partition = partition;
        this.memory = memory;
        this.time = time;
    }

    @Override
    public int recover(ProducerStateManager whole, LeaderEpochFileCache epochs) throws IOException {
        var bounded =
                new KnownProducers(
                        partition,
                        log().file().getParentFile(),
                        whole.maxTransactionTimeoutMs(),
                        whole.producerStateManagerConfig(),
                        time,
                        memory);
        try {
            whole.activeProducers().values().forEach(bounded::loadProducerEntry);
            bounded.updateMapEndOffset(whole.mapEndOffset());
            int cut = super.recover(bounded, epochs);
            bounded.activeProducers().values().forEach(whole::loadProducerEntry);
            whole.updateMapEndOffset(bounded.mapEndOffset());
            return cut;
        } finally {
            bounded.release();
        }
    }
}
