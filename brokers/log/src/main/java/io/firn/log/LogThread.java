package io.firn.log;

import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// The one thread of a disk that appends: one drain of its queue is a write group (L3).
final class LogThread implements Runnable {
    /// Told when a half of the ring is full, with the logs that have entries in it and where each
    /// of them was.
    interface HalfFull {
        void left(int half, Map<OwnedLog, LogRow> logs, long firstSeq, long firstPosition);
    }

    private final Disk disk;
    private final Journal journal;
    private final Appender appender;
    private final HalfFull halfFull;
    private final int maxGroup;
    private final ConcurrentLinkedQueue<Work> queue = new ConcurrentLinkedQueue<>();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final Set<OwnedLog> inHalf = new LinkedHashSet<>();
    private final Thread thread;
    private int handles;
    private volatile long lastSeq;
    private volatile boolean parked;
    private volatile boolean stopping;

    LogThread(Disk disk, Journal journal, Ring ring, HalfFull halfFull) {
        this.disk = disk;
        this.journal = journal;
        this.maxGroup = ring.maxGroup();
        this.halfFull = halfFull;
        this.appender = new Appender(journal, maxBatch(), disk.settings.listener());
        this.lastSeq = journal.seq() - 1;
        this.thread = Thread.ofPlatform().name("firn-log").unstarted(this);
    }

    void start() {
        thread.start();
    }

    /// The largest batch that is taken, whatever a topic's `max.message.bytes` says (L10).
    int maxBatch() {
        return maxGroup / 2;
    }

    /// Sequence of the last group that was committed.
    long lastSeq() {
        return lastSeq;
    }

    long queuedBytes() {
        return queuedBytes.get();
    }

    /// Queues an append; null when it was taken, else why not (L10: nothing grows).
    @Nullable String offer(Work.Append work) {
        if (disk.isOffline() || stopping) {
            return stopping ? "The log is closing" : disk.offlineReason();
        }
        long waiting = queuedBytes.addAndGet(work.bytes());
        if (waiting > disk.settings.maxQueuedBytes() && waiting > work.bytes()) {
            queuedBytes.addAndGet(-work.bytes());
            return "%d bytes wait for the log already; send again later".formatted(waiting);
        }
        put(work);
        return null;
    }

    void offerAlways(Work work) {
        queuedBytes.addAndGet(work.bytes());
        put(work);
    }

    private void put(Work work) {
        queue.add(work);
        if (parked) {
            LockSupport.unpark(thread);
        }
        if (!thread.isAlive() && stopping) {
            failRest();
        }
    }

    @Override
    public void run() {
        var drain = new ArrayList<Work>();
        while (true) {
            drain.clear();
            int bytes = take(drain);
            if (drain.isEmpty()) {
                if (stopping) {
                    return;
                }
                parked = true;
                if (queue.isEmpty() && !stopping) {
                    LockSupport.park(this);
                }
                parked = false;
                continue;
            }
            try {
                if (disk.isOffline()) {
                    fail(drain, disk.offlineReason());
                } else {
                    group(drain, bytes);
                }
            } catch (IOException | RuntimeException | Error e) { // L4
                disk.takeOffline("writing the journal", e);
                journal.fail();
                appender.takeAnswers().forEach(a -> storageError(a.to(), disk.offlineReason()));
                fail(drain, disk.offlineReason());
            } finally {
                long done = 0;
                for (Work work : drain) {
                    done += work.bytes();
                }
                queuedBytes.addAndGet(-done);
            }
        }
    }

    /// As much as fits into one group; a mark ends it, since its effect comes before anything that
    /// follows (L6).
    private int take(List<Work> drain) {
        int bytes = JournalFormat.GROUP_HEADER;
        for (Work work = queue.peek(); work != null; work = queue.peek()) {
            if (!drain.isEmpty() && bytes + work.bytes() > maxGroup) {
                break;
            }
            bytes += work.bytes();
            drain.add(queue.remove());
            if (work instanceof Work.Mark) {
                break;
            }
        }
        return bytes;
    }

    private void group(List<Work> drain, int bytes) throws IOException {
        journal.begin(
                bytes,
                (half, seq, position) -> {
                    Map<OwnedLog, LogRow> logs = new LinkedHashMap<>();
                    inHalf.forEach(log -> logs.put(log, log.boundary()));
                    inHalf.clear();
                    halfFull.left(half, logs, seq, position);
                });
        Map<OwnedLog, List<Work>> byLog = new LinkedHashMap<>();
        for (Work work : drain) {
            byLog.computeIfAbsent(work.log(), log -> new ArrayList<>()).add(work);
        }
        for (Map.Entry<OwnedLog, List<Work>> one : byLog.entrySet()) {
            stage(one.getKey(), one.getValue());
        }
        commit(byLog.keySet(), drain);
    }

    private void stage(OwnedLog log, List<Work> works) throws IOException {
        if (log.handle < 0) {
            log.handle = handles++;
        }
        log.lock.lock();
        try {
            var appends = new ArrayList<Work.Append>();
            for (Work work : works) {
                switch (work) {
                    case Work.Append append -> appends.add(append);
                    case Work.Staged staged -> before(log);
                    case Work.Row row -> {
                        before(log);
                        appender.name(log);
                        journal.handle(log.handle, row.row());
                    }
                    case Work.Mark mark -> {
                        if (!appends.isEmpty()) {
                            appender.append(log, appends);
                            appends.clear();
                        }
                        before(log);
                        appender.name(log);
                        journal.mark(mark.type(), log.handle, mark.offset());
                    }
                }
            }
            if (!appends.isEmpty()) {
                appender.append(log, appends);
            }
        } finally {
            log.lock.unlock();
        }
    }

    private void before(OwnedLog log) throws IOException {
        if (log.pollBefore() != null) {
            appender.before(log, log.files());
        }
    }

    private void commit(Set<OwnedLog> logs, List<Work> drain) throws IOException {
        if (journal.entries() > 0) {
            long seq = journal.seq();
            long start = System.nanoTime();
            inHalf.addAll(logs);
            journal.commit();
            lastSeq = seq;
            disk.settings
                    .listener()
                    .groupWritten(
                            appender.takeBatches(),
                            appender.takeBytes(),
                            System.nanoTime() - start);
            for (OwnedLog log : logs) {
                log.committed();
            }
        }
        for (Work work : drain) {
            if (work instanceof Work.Row row) {
                row.log().flushedTo(row.row());
                row.log().visibleFrom(row.row());
                row.done().complete(null);
            } else if (work instanceof Work.Mark mark) {
                effect(mark);
            }
        }
        for (Appender.Answer answer : appender.takeAnswers()) {
            String broken = answer.to().log().brokenReason();
            if (broken != null) {
                storageError(answer.to(), broken); // L3: its part of the group is not acknowledged
            } else {
                answer.to().done().complete(answer.with());
            }
        }
    }

    private static void effect(Work.Mark mark) {
        try {
            mark.effect().run();
            mark.done().complete(null);
        } catch (RuntimeException e) {
            mark.done().completeExceptionally(e);
        }
    }

    private static void fail(List<Work> works, @Nullable String why) {
        for (Work work : works) {
            switch (work) {
                case Work.Append append -> storageError(append, why);
                case Work.Staged staged -> {}
                case Work.Row row -> refuse(row.done(), why);
                case Work.Mark mark -> refuse(mark.done(), why);
            }
        }
    }

    private static void refuse(CompletableFuture<Void> done, @Nullable String why) {
        done.completeExceptionally(new KafkaStorageException(why));
    }

    private static void storageError(Work.Append append, @Nullable String why) {
        append.done().complete(Appended.failed(Errors.KAFKA_STORAGE_ERROR, why, -1));
    }

    private void failRest() {
        var rest = new ArrayList<Work>();
        for (Work work = queue.poll(); work != null; work = queue.poll()) {
            rest.add(work);
        }
        fail(rest, "The log is closed");
    }

    /// Finishes what waits, then ends.
    void stop() {
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
