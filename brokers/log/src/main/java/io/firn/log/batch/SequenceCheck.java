package io.firn.log.batch;

import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.storage.internals.log.BatchMetadata;
import org.apache.kafka.storage.internals.log.ProducerStateEntry;
import org.apache.kafka.storage.internals.log.ProducerStateManager;
import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// Kafka's rules for producer epochs and sequences, for batches that go in by `appendAsFollower`,
/// which does not check them. Batches accepted in this drain but not yet in the log's producer
/// state are kept in an overlay.
public final class SequenceCheck {
    public sealed interface Verdict {
        record Accept() implements Verdict {}

        /// @param timestamp the original's latest, as far as the log knows it
        record Duplicate(long firstOffset, long lastOffset, long timestamp) implements Verdict {}

        record Refuse(Errors error, String message) implements Verdict {}
    }

    private static final Verdict ACCEPT = new Verdict.Accept();

    private record Sent(
            short epoch, int firstSequence, int lastSequence, long firstOffset, long lastOffset) {}

    private final Map<Long, Deque<Sent>> pending = new HashMap<>();

    /// All that was accepted is in the log's producer state by now, or was refused after all.
    public void forgetPending() {
        pending.clear();
    }

    /// Looks at a batch with a producer id that would get `offset`; an accepted one is remembered.
    ///
    /// @param state of the log, the same since [#forgetPending]
    public Verdict check(ProducerStateManager state, RecordBatch batch, long offset) {
        ProducerStateEntry entry = state.lastEntry(batch.producerId()).orElse(null);
        Deque<Sent> sent = pending.get(batch.producerId());
        Sent last = sent == null ? null : sent.peekLast();
        short epoch =
                last != null
                        ? last.epoch
                        : entry != null ? entry.producerEpoch() : RecordBatch.NO_PRODUCER_EPOCH;
        Verdict duplicate = duplicate(batch, entry, sent, epoch);
        if (duplicate != null) {
            return duplicate;
        }
        if (batch.producerEpoch() < epoch) {
            return new Verdict.Refuse(
                    Errors.INVALID_PRODUCER_EPOCH,
                    "Epoch %d of producer %d is lower than the last seen epoch %d"
                            .formatted(batch.producerEpoch(), batch.producerId(), epoch));
        }
        Verdict refused = sequence(batch, entry, last, epoch);
        if (refused != null) {
            return refused;
        }
        if (entry != null
                && entry.currentTxnFirstOffset().isPresent()
                && !batch.isTransactional()) {
            return new Verdict.Refuse(
                    Errors.INVALID_TXN_STATE,
                    "Producer %d has an open transaction here, so its batches must be transactional"
                            .formatted(batch.producerId()));
        }
        long lastOffset = offset + (batch.lastOffset() - batch.baseOffset());
        pending.computeIfAbsent(batch.producerId(), id -> new ArrayDeque<>())
                .add(
                        new Sent(
                                batch.producerEpoch(),
                                batch.baseSequence(),
                                batch.lastSequence(),
                                offset,
                                lastOffset));
        return ACCEPT;
    }

    private static @Nullable Verdict duplicate(
            RecordBatch batch,
            @Nullable ProducerStateEntry entry,
            @Nullable Deque<Sent> sent,
            short epoch) {
        if (batch.producerEpoch() != epoch) {
            return null;
        }
        if (sent != null) {
            for (Sent one : sent) {
                if (one.epoch == epoch
                        && one.firstSequence == batch.baseSequence()
                        && one.lastSequence == batch.lastSequence()) {
                    return new Verdict.Duplicate(
                            one.firstOffset, one.lastOffset, RecordBatch.NO_TIMESTAMP);
                }
            }
        }
        if (entry != null && entry.producerEpoch() == epoch) {
            for (BatchMetadata one : entry.batchMetadata()) {
                if (one.firstSeq() == batch.baseSequence()
                        && one.lastSeq() == batch.lastSequence()) {
                    return new Verdict.Duplicate(
                            one.firstOffset(), one.lastOffset(), one.timestamp());
                }
            }
        }
        return null;
    }

    private static @Nullable Verdict sequence(
            RecordBatch batch,
            @Nullable ProducerStateEntry entry,
            @Nullable Sent last,
            short epoch) {
        if (epoch == RecordBatch.NO_PRODUCER_EPOCH) {
            return null; // nothing known of this producer: any sequence, as in Kafka
        }
        if (batch.producerEpoch() != epoch) {
            return batch.baseSequence() == 0
                    ? null
                    : new Verdict.Refuse(
                            Errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
                            "Producer %d begins epoch %d with sequence %d instead of 0"
                                    .formatted(
                                            batch.producerId(),
                                            batch.producerEpoch(),
                                            batch.baseSequence()));
        }
        int before = last != null ? last.lastSequence : lastSequence(entry);
        boolean follows =
                batch.baseSequence() == before + 1L
                        || (batch.baseSequence() == 0 && before == Integer.MAX_VALUE);
        return follows
                ? null
                : new Verdict.Refuse(
                        Errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
                        "Producer %d sent sequence %d after %d"
                                .formatted(batch.producerId(), batch.baseSequence(), before));
    }

    private static int lastSequence(@Nullable ProducerStateEntry entry) {
        int last = RecordBatch.NO_SEQUENCE;
        if (entry != null) {
            for (BatchMetadata one : entry.batchMetadata()) {
                last = one.lastSeq();
            }
        }
        return last;
    }
}
