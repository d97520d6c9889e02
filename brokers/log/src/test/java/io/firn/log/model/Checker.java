package io.firn.log.model;

import io.firn.log.ActiveProducer;
import io.firn.log.HotLog;
import io.firn.log.PartitionLog;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.record.internal.Record;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Holds a log that was opened against the model: what was acknowledged is there, byte for byte;
/// what was attempted is there whole or not at all, and the model knows which from then on.
final class Checker {
    private final HotLog hot;
    private final Model model;

    /// @param damaged partitions that lost synced bytes: they are refused, or whole
    static void check(HotLog hot, Model model, Set<TopicIdPartition> damaged) {
        new Checker(hot, model).check(damaged);
    }

    private Checker(HotLog hot, Model model) {
        this.hot = hot;
        this.model = model;
    }

    private void check(Set<TopicIdPartition> damaged) {
        Set<TopicIdPartition> known = hot.known();
        for (TopicIdPartition gone : model.deleted()) {
            Violation.unless(!known.contains(gone), "%s was deleted and is back", gone);
        }
        model.strays()
                .forEach(
                        (stray, one) ->
                                Violation.unless(
                                        one.end() == 0
                                                || known.contains(stray)
                                                || hot.strays().contains(stray),
                                        "%s became a stray and is forgotten",
                                        one));
        for (int slot = 0; slot < Model.SLOTS; slot++) {
            PartitionModel one = model.slot(slot);
            if (one == null) {
                continue;
            }
            if (!known.contains(one.partition)) {
                if (one.unsureDeleted() && hot.strays().contains(one.partition)) {
                    model.stray(slot);
                    continue;
                }
                if (one.unsureDeleted()) {
                    model.deleted(slot);
                    continue;
                }
                Violation.unless(one.end() == 0, "%s is not known any more", one);
                // never appended to
            }
            PartitionLog log = hot.open(one.partition, one.topic.config());
            if (damaged.contains(one.partition)) {
                checkDamaged(log, one);
            } else {
                check(log, one);
                one.seen();
            }
        }
    }

    private void checkDamaged(PartitionLog log, PartitionModel one) {
        try {
            check(log, one);
        } catch (KafkaStorageException refused) {
            // as it should be
        }
    }

    static void check(PartitionLog log, PartitionModel one) {
        long end = log.endOffset();
        TreeMap<Long, Record> seen = Records.read(log);
        long start = log.logStartOffset();
        long from = Math.max(start, log.localLogStartOffset());
        PartitionModel.Restart restart = one.unsureRestart();
        if (restart != null && end == restart.offset() && seen.isEmpty()) {
            one.restarted(restart);
        }
        checkTail(one, seen);
        Violation.unless(end == one.end(), "%s ends at %d", one, end);
        Violation.unless(
                log.durableEnd() == end, "%s: %d of %d durable", one, log.durableEnd(), end);
        Violation.unless(
                one.mustStart() <= start && start <= one.mayStart(), "%s starts at %d", one, start);
        Violation.unless(from <= one.mayLocalStart(), "%s: local records start at %d", one, from);
        checkRecords(one, from, seen);
        checkProducers(log, one);
    }

    /// What was attempted is there in the order of the attempts, whole batches without gaps.
    private static void checkTail(PartitionModel one, TreeMap<Long, Record> seen) {
        for (Sent sent : List.copyOf(one.unsure())) {
            long base = one.end();
            int there = 0;
            while (there < sent.count()
                    && seen.containsKey(base + there)
                    && Records.is(sent.records().get(there), seen.get(base + there))) {
                there++;
            }
            if (there == sent.count()) {
                one.acknowledged(sent, base);
            } else {
                Violation.unless(there == 0, "%s: %d of %d of a batch", one, there, sent.count());
            }
        }
    }

    private static void checkRecords(PartitionModel one, long from, TreeMap<Long, Record> seen) {
        for (Map.Entry<Long, Record> each : seen.entrySet()) {
            Rec expected = one.at(each.getKey());
            Violation.unless(expected != null, "%s: nobody sent what is at %d", one, each.getKey());
            Records.mustBe(expected, each.getValue(), one);
        }
        for (long offset : one.from(from).keySet()) {
            Violation.unless(
                    seen.containsKey(offset) || one.mayBeGone(offset),
                    "%s: offset %d is lost (local start %d, read %d records)",
                    one,
                    offset,
                    from,
                    seen.size());
        }
    }

    private static void checkProducers(PartitionLog log, PartitionModel one) {
        Map<Long, PartitionModel.Producer> expected = one.producers();
        if (expected.isEmpty()) {
            return;
        }
        Map<Long, ActiveProducer> active =
                log.producers().stream()
                        .collect(Collectors.toMap(ActiveProducer::producerId, Function.identity()));
        expected.forEach(
                (id, producer) -> {
                    ActiveProducer there = active.get(id);
                    Violation.unless(
                            there != null && there.lastSequence() == producer.lastSequence(),
                            "%s: producer %d is %s, not at sequence %d",
                            one,
                            id,
                            there,
                            producer.lastSequence());
                });
    }
}
