package io.firn.log.append;

import io.firn.log.directory.Disk;
import io.firn.log.journal.Journal;
import io.firn.log.journal.LogCheckpoint;
import io.firn.log.partition.OpenFiles;
import io.firn.log.partition.OwnedLog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// Gives a full half of the ring back (L5): segments, then manifest, then ring header, each synced
/// before the next.
public final class Releaser implements LogThread.HalfRelease, AutoCloseable {
    private final Disk disk;
    private final Journal journal;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    task -> Thread.ofPlatform().daemon().name("firn-log-release").unstarted(task));

    public Releaser(Disk disk, Journal journal) {
        this.disk = disk;
        this.journal = journal;
    }

    @Override
    public void left(
            int half, Map<OwnedLog, LogCheckpoint> inHalf, long firstSeq, long firstPosition) {
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

    private void release(
            int half, Map<OwnedLog, LogCheckpoint> inHalf, long firstSeq, long firstPosition)
            throws IOException {
        List<CompletableFuture<Void>> entries = new ArrayList<>();
        for (Map.Entry<OwnedLog, LogCheckpoint> one : inHalf.entrySet()) {
            flush(one.getKey(), one.getValue());
            entries.add(one.getKey().life.toManifest());
        }
        entries.forEach(OwnedLog::join);
        journal.released(half, firstSeq, firstPosition);
    }

    private static void flush(OwnedLog log, LogCheckpoint upTo) throws IOException {
        OpenFiles files = log.life.opened();
        if (files == null) {
            return; // closed meanwhile, which flushed it; or it broke or was deleted
        }
        if (log.life.flush(files, files::flush)) {
            log.flushedTo(upTo);
        }
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
