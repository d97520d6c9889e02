package io.firn.tiering.cold;

import io.firn.catalog.client.CatalogClient;
import io.firn.catalog.client.CatalogException;
import io.firn.catalog.client.ColdState;
import io.firn.catalog.client.Fence;
import io.firn.catalog.client.FencedException;
import io.firn.catalog.client.TopicDroppedException;
import io.firn.objectstore.ObjectStoreException;
import io.firn.tiering.cold.OffloadAttempt.Outcome;
import io.firn.tiering.cold.OffloadPlanner.Plan;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// One led partition's way to the table. Its steps run one at a time on threads of the offloader;
/// the catalog holds the truth, so a restart begins with nothing but the fence.
final class PartitionOffload {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionOffload.class);

    final OffloadSource source;
    private final Offloader.Context context;
    private final PartitionKey key;
    private final int leaderEpoch;

    private @Nullable ColdState state; // null: the fence is not raised yet
    private long knownLogStart;
    private long tieredEnd;
    private long highestGeneration = -1;
    private Duration pause;
    private Instant nextRetention = Instant.MIN;
    private Instant nextCheck =
            Instant.MIN; // after a failed one, so that HEADs and complaints stay few
    private Instant nextComplaint = Instant.MIN;

    // Written by the thread that steps, read by the scheduler.
    private volatile Instant notBefore = Instant.MIN;
    private volatile boolean claimed;
    private volatile @Nullable Thread stepping;
    private volatile @Nullable Instant attemptDeadline;
    private volatile boolean stopped;

    PartitionOffload(OffloadSource source, Offloader.Context context) {
        this.source = source;
        this.context = context;
        this.key = new PartitionKey(source.topic().topicId(), source.partition());
        this.leaderEpoch = source.leaderEpoch();
        this.pause = context.settings().backoff();
    }

    boolean due(Instant now) {
        return !stopped && !claimed && !now.isBefore(notBefore);
    }

    /// C10: an attempt that hangs in a call is woken when its deadline is past.
    void watch(Instant now) {
        Instant deadline = attemptDeadline;
        Thread thread = stepping;
        if (deadline != null && thread != null && now.isAfter(deadline.plusSeconds(5))) {
            thread.interrupt();
        }
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
        stepping = Thread.currentThread();
        try {
            boolean moved = !stopped && advance();
            pause = context.settings().backoff();
            next = moved ? Duration.ZERO : idle();
        } catch (FencedException | TopicDroppedException e) {
            next = refused(e);
        } catch (CatalogException | ObjectStoreException | Retry.GivenUpException e) {
            next = later(e);
        } catch (InterruptedException e) {
            next = later(e);
        } catch (RuntimeException e) {
            LOG.error(
                    "Offload of {}-{} failed; it will be tried again",
                    source.topic().topic(),
                    key.partition(),
                    e);
            next = later(e);
        }
        notBefore = context.clock().instant().plus(next);
        attemptDeadline = null;
        stepping = null;
        claimed = false;
    }

    private Duration idle() {
        long millis = source.policy().freshness().toMillis() / 20;
        return Duration.ofMillis(Math.clamp(millis, context.settings().tick().toMillis(), 1_000));
    }

    private Duration later(Exception e) {
        context.metrics()
                .offloadFailed(source.topic(), key.partition(), String.valueOf(e.getMessage()));
        LOG.warn(
                "Offload of {}-{} waits: {}",
                source.topic().topic(),
                key.partition(),
                e.getMessage());
        Duration now = Retry.jittered(pause);
        Duration doubled = pause.multipliedBy(2);
        pause =
                doubled.compareTo(context.settings().maxBackoff()) < 0
                        ? doubled
                        : context.settings().maxBackoff();
        return now;
    }

    /// Fenced while raising the fence means that another leads: over. Fenced later means that what
    /// we believed is old: begin anew with the fence.
    private Duration refused(CatalogException e) {
        if (state == null || e instanceof TopicDroppedException) {
            stopped = true;
            LOG.info(
                    "{}-{} is no longer offloaded by epoch {}: {}",
                    source.topic().topic(),
                    key.partition(),
                    leaderEpoch,
                    e.getMessage());
            return Duration.ZERO;
        }
        state = null;
        return later(e);
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
                        source.policy().freshness(), context.recentAttempt(), idle()));
        return offload();
    }

    /// FORMAT §6.1.1, C2: nothing is offloaded before this has succeeded.
    private void raiseFence() {
        CatalogClient catalog = context.catalog();
        Fence fence =
                catalog.raiseFence(key.topicId(), key.partition(), leaderEpoch, source.logStart());
        knownLogStart = fence.logStart();
        if (fence.logStart() > source.logStart()) {
            source.logStartMoved(fence.logStart());
        }
        learn(catalog.coldState(key.topicId(), key.partition()));
    }

    private void learn(ColdState now) {
        if (now.generation() < highestGeneration) {
            // C16: the catalog forgot commits; local copies are all that is left of them.
            LOG.error(
                    "The catalog went back from generation {} to {} for {}-{}: no local copy is deleted until it catches up",
                    highestGeneration,
                    now.generation(),
                    source.topic().topic(),
                    key.partition());
        }
        highestGeneration = Math.max(highestGeneration, now.generation());
        state = now;
        context.learned().accept(key, now);
    }

    /// Tells the log what is safely cold; repeated until the objects could be checked (C4).
    private void tell(ColdState known) {
        Instant now = context.clock().instant();
        if (tieredEnd >= known.coldEnd()
                || known.generation() < highestGeneration
                || now.isBefore(nextCheck)) {
            return;
        }
        long end = context.check().tieredEnd(source, known, tieredEnd);
        if (end < known.coldEnd()) {
            nextCheck = now.plusSeconds(10);
        }
        if (end > tieredEnd) {
            tieredEnd = end;
            source.tieredUpTo(end);
        }
    }

    /// DeleteRecords moves the log start here first; the next range must not begin below it (C2).
    private void followLogStart() {
        long start = source.logStart();
        if (start > knownLogStart) {
            context.catalog()
                    .advanceLogStart(
                            key.topicId(), key.partition(), start, source.policy().keepRows());
            knownLogStart = start;
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
        long hot = source.closed(known.coldEnd()).stream().mapToLong(OffloadRange::bytes).sum();
        long start = ColdRetention.logStart(known, source.policy(), now.toEpochMilli(), hot);
        if (start > source.logStart()) {
            source.logStartMoved(
                    start); // journaled first: a crash here leaves nothing unreadable (L6)
            followLogStart();
        }
    }

    private boolean offload() throws InterruptedException {
        ColdState known = state;
        if (known == null) {
            return false;
        }
        long next = Math.max(known.coldEnd(), knownLogStart);
        long limit = source.offloadLimit();
        List<OffloadRange> closed = source.closed(next);
        context.metrics()
                .offloadLag(
                        source.topic(),
                        key.partition(),
                        Math.max(0, limit - next),
                        closed.stream().mapToLong(OffloadRange::bytes).sum());
        return switch (OffloadPlanner.plan(
                next, limit, closed, context.settings().maxRangeBytes())) {
            case Plan.Nothing nothing -> false;
            case Plan.Gap gap -> {
                complain(gap);
                yield false;
            }
            case Plan.Take take -> attempt(take.range());
        };
    }

    private void complain(Plan.Gap gap) {
        Instant now = context.clock().instant();
        if (now.isBefore(nextComplaint)) {
            return;
        }
        nextComplaint = now.plusSeconds(60);
        LOG.error(
                "Cannot offload {}-{}: the table ends at {} and the local log begins at {}; records between are in neither",
                source.topic().topic(),
                key.partition(),
                gap.expected(),
                gap.found());
    }

    private boolean attempt(OffloadRange range) throws InterruptedException {
        Instant begin = context.clock().instant();
        Instant deadline = begin.plus(context.settings().attemptDeadline());
        attemptDeadline = deadline;
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
        var attempt =
                new OffloadAttempt(context.tools(), source, range, leaderEpoch, deadline, retry);
        switch (attempt.run()) {
            case Outcome.Committed done -> {
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
                LOG.debug("{} is in the table, {} bytes", attempt, done.objectBytes());
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
