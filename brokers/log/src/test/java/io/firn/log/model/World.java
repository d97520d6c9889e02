package io.firn.log.model;

import io.firn.log.Durability;
import io.firn.log.HotLog;
import io.firn.log.LogSettings;
import io.firn.log.PartitionLog;
import io.firn.log.SegmentWrite;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/// A disk with its log, the model beside it, and what happens to both.
final class World implements AutoCloseable {
    static final int RING = 64 << 10;

    private final Path base;
    private final Function<LogSettings, HotLog> opener;
    private final Durability durability;
    final DiskFaults faults = new DiskFaults();
    private final FaultyFiles files;
    Model model = new Model();
    /// Partitions that lost synced bytes, and the folder as it was before.
    final Map<TopicIdPartition, Damage> damaged = new HashMap<>();
    private volatile Path dir;
    private @Nullable HotLog hot;
    private int dirs;

    /// @param whole the folder before
    /// @param left what was left of it
    record Damage(Path whole, Path left) {}

    /// @param base an empty folder that is this world's alone
    World(Path base, Function<LogSettings, HotLog> opener, Random random) {
        this.base = base;
        this.opener = opener;
        this.durability = random.nextInt(4) > 0 ? Durability.STRICT : Durability.REPLICATED;
        this.files = new FaultyFiles(base, faults);
        this.dir = newDir();
        open(random);
    }

    HotLog hot() {
        HotLog now = hot;
        if (now == null) {
            throw new IllegalStateException("The log is closed");
        }
        return now;
    }

    PartitionLog log(PartitionModel one) {
        return hot().open(one.partition, one.topic.config());
    }

    Path folder(TopicIdPartition partition) {
        return dir.resolve(partition.topic() + "-" + partition.partition());
    }

    Path newDir() {
        return base.resolve("dir-" + dirs++);
    }

    private HotLog open(Path where, Random random) {
        Duration idle = random.nextInt(3) > 0 ? Duration.ofDays(1) : Duration.ZERO;
        SegmentWrite write = random.nextInt(4) > 0 ? SegmentWrite.DIRECT : SegmentWrite.BUFFERED;
        return opener.apply(
                LogSettings.of(files.path(where))
                        .withDurability(durability)
                        .withRingBytes(RING)
                        .withIdleClose(idle)
                        .withHousekeeping(Duration.ZERO)
                        .withMaxQueuedBytes(4L << 20)
                        .withCleanerBytes(64 << 10)
                        .withMinFreeBytes(1 << 20)
                        .withSegmentWrite(write)
                        .withSegmentBufferBytes(2 << 20));
    }

    void open(Random random) {
        hot = open(dir, random);
    }

    void stop() {
        HotLog now = hot;
        hot = null;
        if (now != null) {
            now.close();
        }
    }

    /// The process is gone; another one opens what was on the disk at that moment.
    void kill(Random random) throws IOException {
        Path copy = newDir();
        faults.standStill(() -> Trees.copy(dir, copy));
        moveTo(copy);
        open(random);
    }

    private void moveTo(Path next) throws IOException {
        stop();
        Trees.delete(dir);
        dir = next;
    }

    void check() {
        Checker.check(hot(), model, damaged.keySet());
        forgetDeleted();
    }

    /// Of which the check saw that they are.
    private void forgetDeleted() {
        damaged.keySet()
                .removeIf(
                        partition ->
                                model.all().stream()
                                        .noneMatch(one -> one.partition.equals(partition)));
    }

    /// Does the step, with what goes wrong in it, and looks at what that left.
    void perform(Step step) throws IOException {
        var random = new Random(step.seed());
        Effect effect = new Effects(this, random).prepare(step);
        if (effect == null) {
            return;
        }
        boolean kill = step.fault() == DiskFaults.Kind.KILL;
        Model before = kill ? model.copy() : model;
        Map<TopicIdPartition, Damage> damagedBefore = Map.copyOf(damaged);
        Path killed = newDir();
        Thread only = step.action().ofOneThread() ? Thread.currentThread() : null;
        faults.arm(step.fault(), step.faultAt(), only, () -> Trees.copy(dir, killed));
        try {
            effect.run();
        } catch (KafkaStorageException e) {
            if (kill || faults.hit() == null) {
                throw new Violation("Failed although nothing went wrong: " + e.getMessage(), e);
            }
        }
        boolean forever = step.fault() == DiskFaults.Kind.ERROR_FOREVER && random.nextBoolean();
        if (forever && faults.hit() != null) {
            stop(); // while the disk still fails
        }
        String hit = faults.disarm();
        if (hit != null && kill) {
            lookAtKilled(killed, before, damagedBefore, random);
        } else if (hit != null) {
            startAgain(random);
        }
    }

    private void lookAtKilled(
            Path killed, Model then, Map<TopicIdPartition, Damage> damagedThen, Random random)
            throws IOException {
        HotLog other = open(killed, random);
        boolean goOnThere = random.nextBoolean();
        try {
            Checker.check(other, then, damagedThen.keySet());
        } finally {
            if (!goOnThere) {
                other.close();
                Trees.delete(killed);
            } else {
                stop();
                hot = other;
            }
        }
        if (goOnThere) {
            Trees.delete(dir);
            dir = killed;
            model = then;
            damaged.clear();
            damaged.putAll(damagedThen);
            forgetDeleted();
        }
    }

    /// After a fault: the disk is repaired, and the process starts again or was killed.
    private void startAgain(Random random) throws IOException {
        if (hot != null && random.nextBoolean()) {
            kill(random);
        } else {
            stop();
            open(random);
        }
        check();
    }

    /// What every sequence ends with.
    void end(Random random) throws IOException {
        kill(random);
        check();
        stop();
        open(random);
        check();
    }

    @Override
    public void close() throws IOException {
        faults.disarm();
        stop();
        Trees.delete(base);
    }
}
