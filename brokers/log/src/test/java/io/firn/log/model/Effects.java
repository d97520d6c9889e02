package io.firn.log.model;

import io.firn.log.Appended;
import io.firn.log.ClosedBatches;
import io.firn.log.ClosedSegment;
import io.firn.log.PartitionLog;
import io.firn.log.ProduceCheck;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// What the actions do. Each tells the model what it attempts before it begins, so that whatever
/// stops it in between finds a model that is true.
final class Effects {
    private static final long MOST_SECONDS = 20;
    private static final AtomicLong VALUES = new AtomicLong();
    private static final String PAD = "0123456789abcdef".repeat(256);

    private final World world;
    private final Random random;

    Effects(World world, Random random) {
        this.world = world;
        this.random = random;
    }

    /// Null when there is nothing to do.
    @Nullable Effect prepare(Step step) {
        int slot = step.slot();
        switch (step.action()) {
            case MAKE -> {
                return make(slot);
            }
            case HOUSEKEEP -> {
                world.model.mayBeKeptHouse();
                return () -> world.hot().housekeep();
            }
            case STOP -> {
                return () -> {
                    world.stop();
                    world.open(random);
                    checkSometimes();
                };
            }
            case KILL -> {
                return () -> {
                    world.kill(random);
                    checkSometimes();
                };
            }
            case RESTORE -> {
                return restore();
            }
            case APPEND_MANY -> {
                return appendMany();
            }
            default -> {
                PartitionModel one = world.model.slot(slot);
                return one == null ? null : prepare(step.action(), slot, one);
            }
        }
    }

    private @Nullable Effect prepare(Action action, int slot, PartitionModel one) {
        boolean refused = world.damaged.containsKey(one.partition);
        if (action == Action.DELETE) {
            return delete(slot, one);
        }
        if (action == Action.TAKE_OVER) {
            return takeOver(slot, one);
        }
        if (refused) {
            return null;
        }
        return switch (action) {
            case APPEND -> append(one, new Sent(records(one, 1 + random.nextInt(3))));
            case APPEND_IDEMPOTENT -> append(one, idempotent(one));
            case APPEND_AGAIN -> appendAgain(one);
            case COORDINATOR_APPEND -> coordinatorAppend(one);
            case READ -> () -> read(one);
            case ROLL -> () -> world.log(one).roll();
            case RETENTION -> {
                one.mayBeKeptHouse();
                yield () -> world.log(one).applyRetention(System.currentTimeMillis());
            }
            case DELETE_RECORDS -> deleteRecords(one);
            case HAND_OVER -> handOver(one);
            case RESTART_AT -> restartAt(one);
            case RECONFIGURE -> reconfigure(one);
            case DAMAGE -> damage(one);
            default -> throw new IllegalStateException(action.toString());
        };
    }

    private void checkSometimes() {
        if (random.nextInt(3) == 0) { // else logs stay as the start left them
            world.check();
        }
    }

    // ---- partitions

    private Effect make(int slot) {
        PartitionModel now = world.model.slot(slot);
        if (now != null) {
            return () -> world.log(now);
        }
        List<Uuid> ids = world.model.ids(slot);
        boolean again = !ids.isEmpty() && random.nextBoolean();
        Uuid id = again ? ids.get(ids.size() - 1 - random.nextInt(2) % ids.size()) : newId();
        var fresh = new PartitionModel(named(slot, id), topic());
        PartitionModel next = world.model.strays().getOrDefault(fresh.partition, fresh);
        world.model.deleted().remove(next.partition);
        return () -> {
            world.log(next);
            world.model.made(slot, next);
        };
    }

    private static TopicIdPartition named(int slot, Uuid id) {
        return new TopicIdPartition(id, new TopicPartition("topic-" + slot / 2, slot % 2));
    }

    private Uuid newId() {
        return new Uuid(random.nextLong() & 0xFFFF, random.nextLong());
    }

    private Topic topic() {
        return Topic.values()[random.nextInt(Topic.values().length)];
    }

    private Effect delete(int slot, PartitionModel one) {
        one.attemptDelete();
        return () -> {
            world.hot().delete(one.partition);
            world.model.deleted(slot);
            world.damaged.remove(one.partition);
        };
    }

    private Effect takeOver(int slot, PartitionModel one) {
        one.attemptDelete();
        PartitionModel next = another(slot);
        return () -> {
            world.log(next).producers(); // its folder is its own then
            if (world.damaged.remove(one.partition) != null) {
                world.model.deleted(slot);
                world.model.forget(slot, one.partition);
            } else {
                world.model.stray(slot);
            }
            world.model.made(slot, next);
        };
    }

    /// A new one, or one that was taken over itself and is there again.
    private PartitionModel another(int slot) {
        List<PartitionModel> strays =
                world.model.ids(slot).stream()
                        .map(id -> world.model.strays().get(named(slot, id)))
                        .filter(Objects::nonNull)
                        .toList();
        return strays.isEmpty() || random.nextInt(4) == 0
                ? new PartitionModel(named(slot, newId()), topic())
                : strays.get(random.nextInt(strays.size()));
    }

    private @Nullable Effect reconfigure(PartitionModel one) {
        Topic other = topic();
        if (!one.topic.mayBecome(other)) {
            return null;
        }
        one.topic = other;
        return () -> world.hot().reconfigure(one.partition, other.config());
    }

    // ---- appends

    private List<Rec> records(PartitionModel one, int count) {
        boolean old = one.topic == Topic.AGED && random.nextBoolean();
        Long timestamp =
                one.topic == Topic.STAMPED
                        ? null
                        : Long.valueOf(old ? Rec.OLD : System.currentTimeMillis());
        int most = random.nextInt(8) == 0 ? 2_500 : 600;
        var records = new ArrayList<Rec>();
        for (int i = 0; i < count; i++) {
            String value = VALUES.incrementAndGet() + ":";
            int pad = random.nextInt(Math.max(1, most / count));
            records.add(new Rec("k" + random.nextInt(6), value + PAD.substring(0, pad), timestamp));
        }
        return records;
    }

    private Sent idempotent(PartitionModel one) {
        long producer = 100 + random.nextInt(2);
        List<Rec> young = // Kafka forgets producers by their records' age
                records(one, 1 + random.nextInt(3)).stream().map(Rec::young).toList();
        return new Sent(young, producer, one.nextSequence(producer));
    }

    private int epoch(PartitionModel one) {
        if (random.nextInt(20) == 0) {
            one.nextEpoch();
        }
        return one.epoch();
    }

    private Effect append(PartitionModel one, Sent sent) {
        one.attempt(sent);
        int epoch = epoch(one);
        return () -> answered(one, sent, send(one, Records.batch(sent, now()), epoch));
    }

    private CompletableFuture<Appended> send(PartitionModel one, MemoryRecords batch, int epoch) {
        return world.log(one).append(batch, epoch, ProduceCheck.RECORDS);
    }

    private static long now() {
        return System.currentTimeMillis();
    }

    private void answered(PartitionModel one, Sent sent, CompletableFuture<Appended> answer) {
        Appended appended = await(answer);
        if (appended.ok()) {
            one.acknowledged(sent, appended.baseOffset());
            Violation.unless(appended.lastOffset() == one.end() - 1, "%s: %s", one, appended);
        } else {
            requireFault(one, appended);
        }
    }

    private void requireFault(PartitionModel one, Appended appended) {
        Violation.unless(
                appended.error() == Errors.KAFKA_STORAGE_ERROR && world.faults.hit() != null,
                "%s refused a batch: %s %s",
                one,
                appended.error(),
                appended.message());
    }

    private static Appended await(CompletableFuture<Appended> answer) {
        try {
            return answer.get(MOST_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new Violation("No answer in %d s".formatted(MOST_SECONDS), e);
        } catch (InterruptedException | ExecutionException e) {
            throw new Violation("An append ended with an exception", e);
        }
    }

    private Effect appendMany() {
        List<PartitionModel> to = new ArrayList<>();
        List<Sent> batches = new ArrayList<>();
        List<PartitionModel> all =
                world.model.all().stream()
                        .filter(one -> !world.damaged.containsKey(one.partition))
                        .toList();
        int count = all.isEmpty() ? 0 : 2 + random.nextInt(9);
        for (int i = 0; i < count; i++) {
            PartitionModel one = all.get(random.nextInt(all.size()));
            Sent sent =
                    random.nextInt(3) == 0
                            ? idempotent(one)
                            : new Sent(records(one, 1 + random.nextInt(3)));
            one.attempt(sent);
            to.add(one);
            batches.add(sent);
        }
        int bad = random.nextInt(30);
        return () -> sendAll(to, batches, bad);
    }

    private void sendAll(List<PartitionModel> to, List<Sent> batches, int bad) {
        List<CompletableFuture<Appended>> answers = new ArrayList<>();
        for (int i = 0; i < batches.size(); i++) {
            if (i == bad) {
                refuseDamaged(to.get(i));
            }
            answers.add(send(to.get(i), Records.batch(batches.get(i), now()), to.get(i).epoch()));
        }
        for (int i = 0; i < batches.size(); i++) {
            answered(to.get(i), batches.get(i), answers.get(i));
        }
    }

    /// L2: a batch whose CRC does not hold leaves no trace, and its neighbours none either.
    private void refuseDamaged(PartitionModel one) {
        MemoryRecords batch = Records.damaged(Records.batch(new Sent(records(one, 2)), now()));
        Appended appended = await(send(one, batch, one.epoch()));
        if (appended.error() != Errors.CORRUPT_MESSAGE) {
            requireFault(one, appended);
        }
    }

    private @Nullable Effect appendAgain(PartitionModel one) {
        for (Map.Entry<Long, PartitionModel.Producer> each : one.producers().entrySet()) {
            PartitionModel.Producer last = each.getValue();
            List<Rec> records = List.copyOf(one.from(last.lastBase()).values());
            int count = (int) (last.lastOffset() - last.lastBase() + 1);
            if (records.size() >= count && one.at(last.lastBase()) != null) {
                var again =
                        new Sent(
                                records.subList(0, count),
                                each.getKey(),
                                last.lastSequence() - count + 1);
                return () -> {
                    Appended appended = await(send(one, Records.batch(again, now()), one.epoch()));
                    if (!appended.ok()) {
                        requireFault(one, appended);
                        return;
                    }
                    Violation.unless(
                            appended.baseOffset() == last.lastBase(),
                            "%s: a duplicate of %d was answered %s",
                            one,
                            last.lastBase(),
                            appended);
                };
            }
        }
        return null;
    }

    private Effect coordinatorAppend(PartitionModel one) {
        List<Sent> batches = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(3); i++) {
            batches.add(new Sent(records(one, 1 + random.nextInt(2))));
        }
        batches.forEach(one::attempt);
        int epoch = epoch(one);
        return () -> {
            PartitionLog log = world.log(one);
            List<Long> ends = new ArrayList<>();
            for (Sent sent : batches) {
                ends.add(log.appendNow(Records.batch(sent, now()), epoch));
            }
            for (int i = 0; i < ends.size(); i++) {
                if (!awaitDurable(log, ends.get(i))) {
                    return;
                }
                Sent sent = batches.get(i);
                one.acknowledged(sent, ends.get(i) - sent.count());
            }
        };
    }

    /// Whether it became durable; it may not only after a fault.
    private boolean awaitDurable(PartitionLog log, long end) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(MOST_SECONDS);
        while (log.durableEnd() < end) {
            if (world.hot().isOffline()) {
                Violation.unless(world.faults.hit() != null, "Offline without a fault");
                return false;
            }
            Violation.unless(System.nanoTime() < deadline, "%d does not become durable", end);
            LockSupport.parkNanos(20_000);
        }
        return true;
    }

    // ---- reads

    private void read(PartitionModel one) {
        PartitionLog log = world.log(one);
        log.epochs(); // opens the files: they know what retention took before a crash
        long from = Records.localStart(log);
        if (from == one.end()) {
            Violation.unless(
                    log.read(from, 100, true, io.firn.log.Isolation.UNCOMMITTED)
                                    .records()
                                    .sizeInBytes()
                            == 0,
                    "%s has records at its end",
                    one);
            return;
        }
        long at = from + random.nextLong(one.end() - from);
        var found = new TreeMap<Long, Record>();
        long next = at;
        while (found.isEmpty() && next < one.end()) { // compaction leaves batches without records
            long after = Records.read(log, next, 1 + random.nextInt(4_000), found);
            Violation.unless(after > next, "%s: nothing can be read at %d", one, next);
            next = after;
        }
        for (long offset : one.from(at).headMap(next).keySet()) {
            Violation.unless(
                    found.containsKey(offset) || one.mayBeGone(offset),
                    "%s: a read at %d up to %d lacks %d",
                    one,
                    at,
                    next,
                    offset);
        }
        for (Map.Entry<Long, Record> each : found.tailMap(at).entrySet()) {
            Rec expected = one.at(each.getKey());
            Violation.unless(expected != null, "%s: nobody sent %d", one, each.getKey());
            Records.mustBe(expected, each.getValue(), one);
        }
    }

    // ---- what shortens a log

    private Effect deleteRecords(PartitionModel one) {
        long span = one.end() - one.mustStart();
        long offset =
                random.nextInt(5) == 0 ? one.end() : one.mustStart() + random.nextLong(span + 1);
        one.attemptLogStart(offset);
        return () -> {
            world.log(one).deleteRecordsBefore(offset);
            one.logStartIs(offset);
        };
    }

    private Effect handOver(PartitionModel one) {
        if (one.topic != Topic.TIERED) {
            return () -> closed(one);
        }
        long mayGo =
                random.nextInt(3) == 0
                        ? 0
                        : one.mustStart() + random.nextLong(one.end() - one.mustStart() + 1);
        one.mayLeaveLocally(mayGo);
        return () -> {
            long upTo = 0;
            for (ClosedSegment segment : closed(one)) {
                upTo = segment.end() <= mayGo ? segment.end() : upTo;
            }
            world.log(one).tieredUpTo(upTo);
            world.log(one).applyRetention(now());
        };
    }

    /// L9: closed segments follow each other from the local start on, durable, and hold the
    /// records.
    private List<ClosedSegment> closed(PartitionModel one) {
        PartitionLog log = world.log(one);
        List<ClosedSegment> closed = log.closed();
        long next = -1;
        for (ClosedSegment segment : closed) {
            Violation.unless(
                    next < 0 || segment.base() == next,
                    "%s: closed segment %d after %d",
                    one,
                    segment.base(),
                    next);
            next = segment.end();
        }
        if (next < 0) {
            return closed;
        }
        Violation.unless(next <= log.durableEnd(), "%s: closed up to %d", one, next);
        var found = new TreeMap<Long, Record>();
        long first = closed.getFirst().base();
        new ClosedBatches(closed, first, next)
                .forEachRemaining(
                        bytes ->
                                MemoryRecords.readableRecords(bytes)
                                        .batches()
                                        .forEach(batch -> Records.add(batch, found)));
        long from = Math.max(one.mayLocalStart(), first);
        for (long offset : one.from(from).headMap(Math.max(from, next)).keySet()) {
            Record record = found.get(offset);
            Violation.unless(
                    record != null || one.mayBeGone(offset),
                    "%s: closed segments lack %d",
                    one,
                    offset);
            Rec expected = one.at(offset);
            if (record != null && expected != null) {
                Records.mustBe(expected, record, one);
            }
        }
        return closed;
    }

    private Effect restartAt(PartitionModel one) {
        long least = one.mayStart(); // a log start never moves back
        long offset =
                random.nextBoolean()
                        ? one.end() + random.nextInt(20)
                        : random.nextLong(least, one.end() + 1);
        long logStart = one.topic == Topic.TIERED ? random.nextLong(least, offset + 1) : offset;
        var restart = new PartitionModel.Restart(offset, logStart);
        one.attemptRestart(restart);
        return () -> {
            world.log(one).restartAt(offset, logStart);
            one.restarted(restart);
        };
    }

    // ---- damage

    /// A stopped log's largest segment loses its end, or all of it.
    private @Nullable Effect damage(PartitionModel one) {
        if (one.end() == 0) {
            return null;
        }
        return () -> {
            world.stop();
            Path folder = world.folder(one.partition);
            Path segment = lastSegment(folder);
            if (segment != null) {
                Path whole = world.newDir();
                Trees.copy(folder, whole);
                cut(segment);
                Path left = world.newDir();
                Trees.copy(folder, left);
                world.damaged.put(one.partition, new World.Damage(whole, left));
            }
            world.open(random);
            checkSometimes();
        };
    }

    /// The one that the last start relied on; null when it is empty.
    private static @Nullable Path lastSegment(Path folder) throws IOException {
        Path last =
                Trees.list(folder).stream()
                        .filter(f -> f.toString().endsWith(".log"))
                        .max(Comparator.naturalOrder())
                        .orElse(null);
        return last == null || Files.size(last) == 0 ? null : last;
    }

    private void cut(Path segment) throws IOException {
        if (random.nextInt(4) == 0) {
            Files.delete(segment);
            return;
        }
        try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
            file.truncate(random.nextLong(file.size()));
        }
    }

    /// L14: whatever happened since, what was left of the log is as it was.
    private @Nullable Effect restore() {
        if (world.damaged.isEmpty()) {
            return null;
        }
        TopicIdPartition partition = world.damaged.keySet().iterator().next();
        return () -> {
            World.Damage damage = world.damaged.get(partition);
            world.stop();
            Path folder = world.folder(partition);
            for (Path file : Trees.list(damage.left())) {
                if (file.toString().endsWith(".log")) {
                    Path now = folder.resolve(file.getFileName().toString());
                    Violation.unless(
                            Files.exists(now) && Files.mismatch(file, now) < 0,
                            "%s was refused, and its %s is not what it was",
                            partition,
                            file.getFileName());
                }
            }
            world.open(random);
            world.check();
        };
    }
}
