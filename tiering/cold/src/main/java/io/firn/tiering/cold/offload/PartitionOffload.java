package io.firn.tiering.cold.offload;

import io.firn.catalog.client.CatalogClient;
import io.firn.catalog.client.CatalogException;
import io.firn.catalog.client.CatalogUnavailableException;
import io.firn.catalog.client.ColdState;
import io.firn.catalog.client.Fence;
import io.firn.catalog.client.FencedException;
import io.firn.catalog.client.TopicDroppedException;
import io.firn.objectstore.ObjectStoreException;
import io.firn.tiering.cold.ColdUnavailableException;
import io.firn.tiering.cold.PartitionKey;
import io.firn.tiering.cold.offload.OffloadAttempt.Outcome;
import io.firn.tiering.cold.offload.OffloadPlanner.Plan;
import io.firn.tiering.cold.release.TierMemory.Seen;
import io.firn.tiering.cold.source.OffloadRange;
import io.firn.tiering.cold.source.OffloadSource;

import org.apache.kafka.common.errors.KafkaStorageException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// One led partition's way to the table. Its steps run one at a time on threads of the offloader;
/// the catalog holds the truth, so a restart begins with nothing but the fence.
final class PartitionOffload {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionOffload.class);
    private static final long LONGEST_LOOK_MILLIS = 15_000;
    private static final int MOST_DOUBLINGS = 6;

    final OffloadSource source;
    private final Offloader.Context context;
    private final PartitionKey key;
    private final int leaderEpoch;

    private @Nullable ColdState state; // null: the fence is not raised yet
    private long knownLogStart; // what the fence has
    private long toldLogStart; // below it nothing is owed, and the catalog was told so
    private long tieredEnd;
    private Duration pause;
    private Instant nextRetention = Instant.MIN;
    private Instant nextCheck = Instant.MIN; // after a failed one: HEADs and warnings stay few
    private final OffloadWarnings warnings;
    private int looksAtRest;
    private final Map<UUID, byte[]> encoded = new HashMap<>(); // not yet proven to be in the table

    // Written by the thread that steps, read by the scheduler.
    private volatile Instant notBefore = Instant.MIN;
    private volatile boolean claimed;
    private volatile @Nullable Thread stepping;
    private volatile @Nullable Instant stepDeadline;
    private volatile @Nullable OffloadAttempt attempt;
    private volatile boolean stopped;
    private boolean refusedBefore; // the fence was refused, and nobody took the partition away
    private volatile boolean stuck; // and this was told

    PartitionOffload(OffloadSource source, Offloader.Context context) {
        this.source = source;
        this.context = context;
        this.key = new PartitionKey(source.topic().topicId(), source.partition());
        this.leaderEpoch = source.leaderEpoch();
        this.pause = context.settings().backoff();
        this.warnings =
                new OffloadWarnings(
                        source, context.metrics(), context.settings().attemptDeadline());
    }

    boolean due(Instant now) {
        return !stopped && !claimed && !now.isBefore(notBefore);
    }

    /// C10: a step that hangs in a call is woken when its deadline is past.
    void watch(Instant now) {
        Instant deadline = stepDeadline;
        Thread thread = stepping;
        if (deadline != null
                && thread != null
                && now.isAfter(deadline.plus(context.settings().wakeAfter()))) {
            thread.interrupt();
        }
    }

    /// C10: being woken did not help either.
    boolean hangs(Instant now) {
        Instant deadline = stepDeadline;
        return deadline != null
                && now.isAfter(deadline.plus(context.settings().wakeAfter().multipliedBy(4)));
    }

    /// What the hanging attempt holds is for the others.
    void giveBack() {
        OffloadAttempt hanging = attempt;
        if (hanging != null) {
            hanging.giveBack();
        }
    }

    /// Somebody else looks after the partition from now on.
    void leave() {
        context.hold().leave(key, name());
        getsOn();
    }

    PartitionKey key() {
        return key;
    }

    String name() {
        return source.topic().topic() + "-" + key.partition();
    }

    void stop() {
        stopped = true;
        Thread thread = stepping;
        if (thread != null) {
            thread.interrupt();
        }
    }

    /// A step is on its way to its thread.
    void claim() {
        claimed = true;
    }

    /// One step; always sets when the next one is due, and never throws what can be retried.
    void step() {
        Duration next;
        stepDeadline = context.clock().instant().plus(context.settings().attemptDeadline());
        stepping = Thread.currentThread();
        try {
            boolean moved = !stopped && advance();
            pause = context.settings().backoff();
            warnings.getsOn();
            refusedBefore = false;
            if (moved) {
                getsOn();
            }
            next = moved ? Duration.ZERO : idle();
        } catch (FencedException | TopicDroppedException e) {
            next = refused(e);
        } catch (CatalogException
                | ObjectStoreException
                | ColdUnavailableException
                | KafkaStorageException // the log is closing, offline, or not known yet
                | InterruptedException
                | Retry.GivenUpException e) {
            next = later(e);
        } catch (RuntimeException e) {
            warnings.fails(e);
            next = backOff();
        }
        notBefore = context.clock().instant().plus(next);
        stepDeadline = null;
        stepping = null;
        attempt = null;
        claimed = false;
    }

    /// Looks become rarer while everything is in the table, so that partitions at rest cost little.
    private Duration idle() {
        ColdState known = state;
        boolean atRest = known != null && source.offloadLimit() <= known.coldEnd();
        looksAtRest = atRest ? Math.min(looksAtRest + 1, MOST_DOUBLINGS) : 0;
        return Duration.ofMillis(
                Math.min(look(1_000).toMillis() << looksAtRest, longestLook().toMillis()));
    }

    /// What a record may wait until it is seen; [OffloadPlanner#rollAge] leaves room for it.
    private Duration longestLook() {
        return look(LONGEST_LOOK_MILLIS);
    }

    /// A twentieth of the freshness, from a tick to so many milliseconds.
    private Duration look(long most) {
        long millis = source.policy().freshness().toMillis() / 20;
        return Duration.ofMillis(Math.clamp(millis, context.settings().tick().toMillis(), most));
    }

    private Duration later(Exception e) {
        if (!stopped) {
            warnings.waits(String.valueOf(e.getMessage()));
        }
        return backOff();
    }

    private Duration backOff() {
        Duration now = Retry.jittered(pause);
        Duration doubled = pause.multipliedBy(2);
        pause =
                doubled.compareTo(context.settings().maxBackoff()) < 0
                        ? doubled
                        : context.settings().maxBackoff();
        return now;
    }

    /// Fenced while raising the fence means that another leads, or that the topic is gone: the
    /// partition is taken from this broker in a moment. When it is not, the cluster's metadata is
    /// older than the catalog, and somebody is told. Fenced later means that what we believed is
    /// old: begin anew with the fence.
    private Duration refused(CatalogException e) {
        boolean isOver = state == null || e instanceof TopicDroppedException;
        state = null;
        if (!isOver) {
            return later(e);
        }
        if (!stopped && !refusedBefore) {
            LOG.info("{} is not offloaded by epoch {}: {}", name(), leaderEpoch, e.getMessage());
        } else if (!stopped && !stuck) {
            alarm();
            LOG.error(
                    "{} does not come into its table: this broker leads it in epoch {}, and the catalog knows better: {}. The cluster's metadata (raft/) is older than the catalog's: an older copy was put back, or the catalog is another cluster's. Stop, and put the newest raft/ back. Local copies stay and lag grows; it is tried again",
                    name(),
                    leaderEpoch,
                    e.getMessage());
        }
        refusedBefore = true;
        return Retry.jittered(context.settings().maxBackoff());
    }

    private void alarm() {
        stuck = true;
        context.metrics().offloadStuck(source.topic(), key.partition(), true);
    }

    /// Nothing is told of it any more.
    void getsOn() {
        if (stuck) {
            stuck = false;
            context.metrics().offloadStuck(source.topic(), key.partition(), false);
        }
    }

    /// @return true when there may be more to do at once
    private boolean advance() throws InterruptedException {
        if (state == null) {
            raiseFence();
        }
        ColdState known = state;
        if (known == null) {
            return false;
        }
        tell(known);
        followLogStart();
        applyRetention();
        source.rollIfOlderThan(
                OffloadPlanner.rollAge(
                        source.policy().freshness(), context.recentAttempt(), longestLook()));
        return offload();
    }

    /// FORMAT §6.1.1, C2: nothing is offloaded before this has succeeded.
    private void raiseFence() {
        CatalogClient catalog = context.catalog();
        Fence fence =
                catalog.raiseFence(key.topicId(), key.partition(), leaderEpoch, source.logStart());
        refuseToEndBelow(fence.coldEnd());
        knownLogStart = fence.logStart();
        toldLogStart = 0; // C17: whoever raised it so far may have ended before he retired anything
        if (fence.logStart() > source.logStart()) {
            source.logStartMoved(fence.logStart());
        }
        learn(catalog.coldState(key.topicId(), key.partition()));
        getsOn();
    }

    /// C2: whatever a log that ends below its table takes gets offsets that others have.
    private void refuseToEndBelow(long coldEnd) {
        long end = source.end();
        if (end >= coldEnd) {
            return;
        }
        String why =
                "The local log of %s ends at %d and its table at %d: it is an older copy, and takes and gives nothing from now on. Stop the broker, and put the right folder back or move this one away: without one the log goes on at %d and the past is served from the table"
                        .formatted(name(), end, coldEnd, coldEnd);
        alarm();
        LOG.error("{}", why);
        source.outOfUse(why);
        throw new KafkaStorageException(why);
    }

    private void learn(ColdState now) {
        Seen seen = context.memory().seen(key);
        if (seen.wentBack(now.generation(), now.coldEnd())) { // C16
            context.hold().wentBack(key, name(), seen, now.generation(), now.coldEnd());
        } else {
            context.memory()
                    .remember(key, new Seen(now.generation(), now.coldEnd(), seen.verified()));
            context.hold().caughtUp(key, name());
        }
        state = now;
        context.learned().accept(key, now);
    }

    /// Tells the log what is safely cold; repeated until the objects could be checked (C4).
    private void tell(ColdState known) {
        Instant now = context.clock().instant();
        if (context.hold().held()) {
            return;
        }
        if (tieredEnd >= known.coldEnd() || now.isBefore(nextCheck)) {
            return;
        }
        Seen seen = context.memory().seen(key);
        long end = context.check().tieredEnd(source, known, tieredEnd, seen.verified(), encoded);
        if (end < known.coldEnd()) {
            nextCheck = now.plusSeconds(10);
        } else {
            encoded.clear();
        }
        if (end > tieredEnd) {
            tieredEnd = end;
            context.memory()
                    .remember(
                            key,
                            new Seen(
                                    seen.generation(),
                                    seen.coldEnd(),
                                    Math.max(end, seen.verified())));
            source.tieredUpTo(end);
        }
    }

    /// DeleteRecords moves the log start here first. The next range must not begin below it (C2),
    /// and the rows below it leave the table (C17).
    private void followLogStart() {
        long start = source.logStart();
        if (start > toldLogStart && !context.hold().held()) {
            context.catalog()
                    .advanceLogStart(
                            key.topicId(), key.partition(), start, source.policy().keepRows());
            knownLogStart = Math.max(knownLogStart, start);
            toldLogStart = start;
            learn(context.catalog().coldState(key.topicId(), key.partition()));
        }
    }

    private void applyRetention() {
        Instant now = context.clock().instant();
        ColdState known = state;
        if (known == null || now.isBefore(nextRetention)) {
            return;
        }
        nextRetention = now.plus(context.settings().retention());
        if (source.localLogStart() < tieredEnd && !lookAgain(known)) {
            return;
        }
        known = state;
        if (known == null || context.hold().held()) {
            return;
        }
        long hot = source.closed(known.coldEnd()).stream().mapToLong(OffloadRange::bytes).sum();
        long start = ColdRetention.logStart(known, source.policy(), now.toEpochMilli(), hot);
        if (start > source.logStart()) {
            source.logStartMoved(
                    start); // journaled first: a crash here leaves nothing unreadable (L6)
            followLogStart();
        }
    }

    /// C16: before local copies or rows go, the catalog is asked whether it still has what it had.
    ///
    /// @return false when it cannot be asked now
    private boolean lookAgain(ColdState known) {
        try {
            context.catalog()
                    .coldStateSince(key.topicId(), key.partition(), known.generation())
                    .ifPresent(this::learn);
            return true;
        } catch (CatalogUnavailableException away) {
            return false; // C11: nothing to complain of, nothing to delete
        }
    }

    private boolean offload() throws InterruptedException {
        ColdState known = state;
        if (known == null) {
            return false;
        }
        long next = Math.max(known.coldEnd(), knownLogStart); // of the lag: records, not batches
        long limit = source.offloadLimit();
        List<OffloadRange> closed = source.closed(next);
        context.metrics()
                .offloadLag(
                        source.topic(),
                        key.partition(),
                        Math.max(0, limit - next),
                        closed.stream().mapToLong(OffloadRange::bytes).sum());
        return switch (OffloadPlanner.plan(
                known.coldEnd(),
                knownLogStart,
                limit,
                closed,
                context.settings().maxRangeBytes(),
                source::batchStart)) {
            case Plan.Nothing nothing -> {
                warnings.watchSegment(-1, context.clock().instant());
                yield false;
            }
            case Plan.Gap gap -> {
                warnings.gap(gap, context.clock().instant());
                yield false;
            }
            case Plan.Overlap overlap -> {
                alarm();
                warnings.overlap(overlap, context.clock().instant());
                yield false;
            }
            case Plan.Take take -> {
                warnings.watchSegment(take.range().start(), context.clock().instant());
                yield attempt(take.range());
            }
        };
    }

    private boolean attempt(OffloadRange range) throws InterruptedException {
        Instant begin = context.clock().instant();
        Instant deadline = begin.plus(context.settings().attemptDeadline());
        stepDeadline = deadline;
        var retry =
                new Retry(
                        context.clock(),
                        deadline,
                        context.settings().backoff(),
                        context.settings().maxBackoff(),
                        e ->
                                context.metrics()
                                        .offloadFailed(
                                                source.topic(),
                                                key.partition(),
                                                String.valueOf(e.getMessage())));
        var one = new OffloadAttempt(context.tools(), source, range, leaderEpoch, deadline, retry);
        attempt = one;
        switch (one.run()) {
            case Outcome.Committed done -> {
                encoded.put(one.id(), done.digest());
                learn(done.state());
                Instant now = context.clock().instant();
                context.took(Duration.between(begin, now));
                context.metrics()
                        .offloaded(
                                source.topic(),
                                key.partition(),
                                range.bytes(),
                                done.objectBytes(),
                                Duration.between(range.oldestAppend(), now));
                LOG.debug("{} is in the table, {} bytes", one, done.objectBytes());
            }
            case Outcome.Superseded other -> learn(other.state());
        }
        ColdState known = state;
        if (known != null) {
            tell(known);
        }
        return true;
    }
}
