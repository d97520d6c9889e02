package io.firn.log;

import org.apache.kafka.storage.internals.log.UnifiedLog;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// Gives a full half of the ring back (L5): segments, then manifest, then ring header, each synced
/// before the next.
final class Releaser implements LogThread.HalfFull, AutoCloseable {
    private final Disk disk;
    private final Manifest manifest;
    private final Journal journal;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    task -> Thread.ofPlatform().daemon().name("firn-log-release").unstarted(task));

    Releaser(Disk disk, Manifest manifest, Journal journal) {
        this.disk = disk;
        this.manifest = manifest;
        this.journal = journal;
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
            one.getKey().toManifest();
        }
        manifest.synced().join();
        journal.released(half, firstSeq, firstPosition);
    }

    /// Of a log that broke, too: what it acknowledged is in the ring and in its files, and the ring
    /// is about to forget it (L5, L14).
    private static void flush(OwnedLog log, LogRow upTo) throws IOException {
        UnifiedLog files = log.openFiles();
        if (files == null) {
            return; // closed cleanly meanwhile, which flushed it; or deleted
        }
        if (log.flush(files, () -> LogFiles.flush(files))) {
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
