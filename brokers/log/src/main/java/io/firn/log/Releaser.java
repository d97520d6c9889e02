package io.firn.log;

import org.apache.kafka.storage.internals.log.UnifiedLog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Gives a full half of the ring back (L5): segments, then state file, then segment checkpoint,
/// then ring header, each synced before the next.
final class Releaser implements LogThread.HalfFull, AutoCloseable {
    private final Disk disk;
    private final RowFile checkpoint;
    private final RowFile state;
    private final Supplier<Collection<OwnedLog>> logs;
    private final Supplier<Collection<LogRow>> untouched;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    task -> Thread.ofPlatform().daemon().name("firn-log-release").unstarted(task));
    private volatile Journal journal;

    @SuppressWarnings("NullAway.Init") // the journal's thread and this one know each other
    Releaser(
            Disk disk,
            RowFile checkpoint,
            RowFile state,
            Supplier<Collection<OwnedLog>> logs,
            Supplier<Collection<LogRow>> untouched) {
        this.disk = disk;
        this.checkpoint = checkpoint;
        this.state = state;
        this.logs = logs;
        this.untouched = untouched;
    }

    void journal(Journal ours) {
        journal = ours;
    }

    @Override
    public void left(int half, Map<OwnedLog, LogRow> inHalf, long firstSeq, long firstPosition) {
        thread.execute(
                () -> {
                    long start = System.nanoTime();
                    try {
                        release(half, inHalf, firstSeq, firstPosition);
                        disk.settings.listener().released(inHalf.size(), System.nanoTime() - start);
                    } catch (IOException | RuntimeException e) { // R20, L4
                        disk.takeOffline("releasing half of the journal", e);
                        journal.fail();
                    }
                });
    }

    private void release(int half, Map<OwnedLog, LogRow> inHalf, long firstSeq, long firstPosition)
            throws IOException {
        for (Map.Entry<OwnedLog, LogRow> one : inHalf.entrySet()) {
            flush(one.getKey(), one.getValue());
        }
        writeState();
        writeCheckpoint();
        journal.released(half, firstSeq, firstPosition);
    }

    private static void flush(OwnedLog log, LogRow upTo) throws IOException {
        UnifiedLog files = log.openFiles();
        if (files == null || log.brokenReason() != null) {
            return; // closed cleanly meanwhile, which flushed it; or offline, and its entries die
            // with it
        }
        try {
            LogFiles.flush(files);
        } catch (IOException | RuntimeException e) {
            if (log.openFiles() == files && log.brokenReason() == null) {
                throw e;
            }
            return;
        }
        log.flushedTo(upTo);
    }

    /// Rows of the logs that closed cleanly: how start-up knows them without opening them.
    synchronized void writeState() throws IOException {
        if (!disk.stateDirty.getAndSet(false)) {
            return;
        }
        List<LogRow> rows = new ArrayList<>(untouched.get());
        for (OwnedLog log : logs.get()) {
            if (log.closedCleanly()) {
                rows.add(log.row());
            }
        }
        state.write(rows);
    }

    /// Rows of all other logs.
    synchronized void writeCheckpoint() throws IOException {
        List<LogRow> rows = new ArrayList<>();
        for (OwnedLog log : logs.get()) {
            if (!log.closedCleanly() && log.brokenReason() == null) {
                rows.add(log.row());
            }
        }
        checkpoint.write(rows);
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
