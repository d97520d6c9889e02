package io.firn.log.append;

import io.firn.log.AppendGate;
import io.firn.log.directory.Disk;
import io.firn.log.journal.Journal;
import io.firn.log.journal.JournalFormat;
import io.firn.log.journal.LogCheckpoint;
import io.firn.log.journal.Ring;
import io.firn.log.partition.LogQueue;
import io.firn.log.partition.OpenFiles;
import io.firn.log.partition.OwnedLog;
import io.firn.log.partition.Work;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// The one thread of a disk that appends: what it drains from its queue until the journal is free
/// is a write group (L3). Large groups are written by the [JournalWriter], so that the next one is
/// appended meanwhile; small ones here, since waking a thread would cost more than it saves.
public final class LogThread implements LogQueue, Runnable {
    /// Told when a half of the ring is full, with the logs that have entries in it and where each
    /// of them was.
    public interface HalfRelease {
        void left(int half, Map<OwnedLog, LogCheckpoint> logs, long firstSeq, long firstPosition);
    }

    /// While the journal is busy, so many bytes must wait before they are worth an append of their
    /// own: less coalesces better with what comes.
    private static final int STAGE_AHEAD = 256 << 10;

    /// Their effects happen on the log thread, and appends wait for them.
    private static final int MOST_MARKS = 32;

    /// A group from here on is written by the other thread.
    private static final int WORTH_A_THREAD = 64 << 10;

    /// What a parked log thread waits for.
    private enum Waits {
        NOTHING,
        WORK,
        JOURNAL
    }

    private final Disk disk;
    private final Journal journal;
    private final Appender appender;
    private final HalfRelease release;
    private final int maxGroup;
    private final JournalWriter writer;
    private final ConcurrentLinkedQueue<Work> queue = new ConcurrentLinkedQueue<>();
    /// Of logs that had more to stage than their group had room for: first in the next one.
    private final Deque<Work> carried = new ArrayDeque<>();
    private final AppendGate gate;
    private final AtomicLong untakenBytes = new AtomicLong();
    private final Set<OwnedLog> inHalf = new LinkedHashSet<>();
    private final List<Work> drain = new ArrayList<>();
    private final Thread thread;
    private @Nullable WriteGroup group;
    private int handles;
    private int carriedUnjournaled; // bytes that coordinators appended to those logs
    private volatile long lastSeq;
    private volatile Waits waits = Waits.NOTHING;
    private volatile boolean stopping;

    public LogThread(Disk disk, Journal journal, Ring ring, HalfRelease release) {
        this.disk = disk;
        this.journal = journal;
        this.maxGroup = ring.maxGroup();
        this.gate = new AppendGate(disk.settings.maxQueuedBytes());
        this.release = release;
        this.appender = new Appender(journal, maxBatch(), disk.settings.listener());
        this.lastSeq = journal.seq() - 1;
        this.writer = new JournalWriter(this::finish, this::journalIsFree);
        this.thread = Thread.ofPlatform().name("firn-log").unstarted(this);
    }

    public void start() {
        writer.start();
        thread.start();
    }

    @Override
    public int maxBatch() {
        return maxBatch(maxGroup);
    }

    public static int maxBatch(int maxGroup) {
        return maxGroup / 2;
    }

    @Override
    public int maxAppend() {
        return maxGroup - JournalFormat.GROUP_HEADER - Work.OVERHEAD;
    }

    @Override
    public long lastSeq() {
        return lastSeq;
    }

    public AppendGate gate() {
        return gate;
    }

    @Override
    public @Nullable String refusal() {
        return stopping ? "The log is closing" : disk.offlineReason();
    }

    @Override
    public void put(Work work) {
        enter(work);
        putEntered(work);
    }

    @Override
    public void enter(Work work) {
        gate.enter(work.bytes());
    }

    @Override
    public void leave(Work work) {
        gate.leave(work.bytes());
    }

    @Override
    public void putEntered(Work work) {
        queue.add(work);
        long untaken = untakenBytes.addAndGet(work.bytes());
        Waits now = waits;
        if (now == Waits.WORK || (now == Waits.JOURNAL && untaken >= STAGE_AHEAD)) {
            LockSupport.unpark(thread);
        }
        if (!thread.isAlive() && stopping) {
            failRest();
        }
    }

    private void journalIsFree() {
        if (waits == Waits.JOURNAL) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void run() {
        while (true) {
            if (mayTake()) {
                takeAndStage();
            }
            if (group != null && writer.isIdle()) {
                dispatch(group);
            } else if (group != null || peek() != null) {
                await(Waits.JOURNAL);
            } else if (stopping && writer.isIdle()) {
                writer.stop();
                return;
            } else {
                await(Waits.WORK);
            }
        }
    }

    /// Parks, unless there is something to do by now.
    private void await(Waits why) {
        waits = why;
        boolean ready =
                why == Waits.WORK ? !queue.isEmpty() || stopping : writer.isIdle() || mayTake();
        if (!ready) {
            LockSupport.park(this);
        }
        waits = Waits.NOTHING;
    }

    private boolean mayTake() {
        Work next = peek();
        if (next == null || (!writer.isIdle() && untakenBytes.get() < STAGE_AHEAD)) {
            return false;
        }
        WriteGroup open = group;
        return open == null || (!open.marked() && !open.full() && journal.fits(next.bytes()));
    }

    private @Nullable Work peek() {
        Work first = carried.peek();
        return first == null ? queue.peek() : first;
    }

    private Work remove() {
        return carried.isEmpty() ? queue.remove() : carried.remove();
    }

    private void takeAndStage() {
        WriteGroup open = group == null ? new WriteGroup() : group;
        drain.clear();
        int bytes = take(group == null);
        open.take(drain);
        try {
            if (group == null) {
                begin(Math.min(maxGroup, bytes + carriedUnjournaled));
                carriedUnjournaled = 0;
            }
            group = open;
            if (disk.isOffline()) {
                abandon(open, disk.offlineReason());
            } else {
                stageAll(open);
            }
        } catch (IOException | RuntimeException | Error e) { // L4
            disk.takeOffline("appending to the log", e);
            journal.fail();
            abandon(open, disk.offlineReason());
        }
    }

    /// As much as fits into the group; a mark ends it, since its effect comes before anything that
    /// follows (L6). Deletions of many logs share one.
    private int take(boolean fresh) {
        int bytes = 0;
        int marks = 0;
        for (Work work = peek(); work != null; work = peek()) {
            int with = bytes + work.bytes();
            boolean fits =
                    fresh ? with + JournalFormat.GROUP_HEADER <= maxGroup : journal.fits(with);
            if (!drain.isEmpty() && !fits) {
                break;
            }
            bytes = with;
            drain.add(remove());
            if (work instanceof Work.Mark mark
                    && (++marks == MOST_MARKS || !mark.mayShare(peek()))) {
                break;
            }
        }
        untakenBytes.addAndGet(-bytes);
        return bytes;
    }

    private void begin(int bytes) throws IOException {
        if (journal.entersHalf(bytes)) {
            awaitWriter(); // a half is left with everything in it durable
        }
        journal.begin(
                bytes,
                (half, seq, position) -> {
                    Map<OwnedLog, LogCheckpoint> logs = new LinkedHashMap<>();
                    inHalf.forEach(log -> logs.put(log, log.durableCheckpoint()));
                    inHalf.clear();
                    release.left(half, logs, seq, position);
                });
    }

    private void awaitWriter() {
        waits = Waits.JOURNAL;
        while (!writer.isIdle()) {
            LockSupport.park(this);
        }
        waits = Waits.NOTHING;
    }

    private void stageAll(WriteGroup open) throws IOException {
        Map<OwnedLog, List<Work>> byLog = new LinkedHashMap<>();
        for (Work work : drain) {
            byLog.computeIfAbsent(work.log(), log -> new ArrayList<>()).add(work);
        }
        for (Map.Entry<OwnedLog, List<Work>> one : byLog.entrySet()) {
            stage(open, one.getKey(), one.getValue());
        }
    }

    private void stage(WriteGroup open, OwnedLog log, List<Work> works) throws IOException {
        if (log.handle < 0) {
            log.handle = handles++;
        }
        log.lock.lock();
        try {
            OpenFiles files = log.life.opened();
            if ((files != null && !appender.journalRest(log, files))
                    || !journal.fits(need(works))) {
                carry(open, log, works);
                open.reaches(log, files == null ? null : files.takeStaged());
                return;
            }
            var appends = new ArrayList<Work.Append>();
            for (Work work : works) {
                switch (work) {
                    case Work.Append append -> appends.add(append);
                    case Work.Staged staged -> {} // staged by now
                    case Work.Checkpoint newer -> {
                        appender.name(log);
                        journal.handle(log.handle, newer.checkpoint());
                    }
                    case Work.Mark mark -> {
                        if (!appends.isEmpty()) {
                            appender.append(log, appends);
                            appends.clear();
                        }
                        appender.name(log);
                        journal.mark(mark.type(), log.handle, mark.offset(), mark.logStart());
                    }
                }
            }
            if (!appends.isEmpty()) {
                appender.append(log, appends);
            }
            open.reaches(log, files == null ? null : files.takeStaged());
        } finally {
            log.lock.unlock();
        }
    }

    private static int need(List<Work> works) {
        int bytes = 0;
        for (Work work : works) {
            bytes += work instanceof Work.Staged ? 0 : work.bytes();
        }
        return bytes;
    }

    /// A coordinator appended more than this group was begun for, and its bytes come before
    /// anything else of the log: the rest is the next group's.
    private void carry(WriteGroup open, OwnedLog log, List<Work> works) {
        open.giveBack(works);
        for (Work work : works) {
            carried.add(work);
            untakenBytes.addAndGet(work.bytes());
        }
        OpenFiles files = log.life.opened();
        carriedUnjournaled += files == null ? 0 : files.unjournaledBytes();
    }

    /// The journal is free: writes the group, here or on the other thread.
    private void dispatch(WriteGroup ready) {
        boolean writes = journal.entries() > 0;
        try {
            ready.close(appender, writes ? journal.seal() : null);
        } catch (IOException e) {
            disk.takeOffline("writing the journal", e);
            journal.fail();
            abandon(ready, disk.offlineReason());
            return;
        }
        group = null;
        if (writes) {
            inHalf.addAll(ready.logs());
        }
        boolean small = ready.bytes() < WORTH_A_THREAD && peek() == null;
        if (ready.marked() || !writes || small) {
            finish(ready);
        } else {
            writer.write(ready);
        }
    }

    /// On the log thread or the writer's, one group at a time, in their order.
    private void finish(WriteGroup ready) {
        try {
            if (disk.isOffline()) {
                ready.fail(disk.offlineReason());
                return;
            }
            Journal.Sealed sealed = ready.sealed();
            if (sealed != null) {
                long start = System.nanoTime();
                journal.write(sealed);
                lastSeq = sealed.seq();
                disk.settings
                        .listener()
                        .groupWritten(ready.batches(), ready.bytes(), System.nanoTime() - start);
            }
            ready.complete();
        } catch (IOException | RuntimeException | Error e) { // L4
            disk.takeOffline("writing the journal", e);
            journal.fail();
            ready.fail(disk.offlineReason());
        } finally {
            gate.leave(ready.waitingBytes());
            ready.end();
        }
    }

    /// Nothing of the group that was being staged is acknowledged.
    private void abandon(WriteGroup open, @Nullable String why) {
        group = null;
        open.close(appender, null);
        journal.discard();
        open.fail(why);
        gate.leave(open.waitingBytes());
        open.end();
    }

    private void failRest() {
        var rest = new ArrayList<Work>(carried);
        carried.clear();
        for (Work work = queue.poll(); work != null; work = queue.poll()) {
            rest.add(work);
        }
        Work.fail(rest, "The log is closed");
        for (Work work : rest) {
            leave(work);
            work.log().life.finished();
        }
    }

    /// Finishes what waits, then ends.
    public void stop() {
        stopping = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        failRest();
    }
}
