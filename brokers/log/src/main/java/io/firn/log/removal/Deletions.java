package io.firn.log.removal;

import io.firn.log.directory.Disk;
import io.firn.log.directory.Manifest;
import io.firn.log.directory.PartitionFolder;
import io.firn.log.partition.OwnedLog;

import org.apache.kafka.common.TopicIdPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// How a log leaves its disk (L6): a mark in the journal, the entry *deleting*, the folder moved
/// out of the way, the entry gone; in this order, so that a crash between two of them is finished
/// by the next start. Only the first two happen on the log thread.
public final class Deletions {
    private static final Logger LOG = LoggerFactory.getLogger(Deletions.class);

    private final Disk disk;
    private final Manifest manifest;
    private final Strays strays;
    private final Consumer<OwnedLog> forget;
    private final ConcurrentMap<OwnedLog, CompletableFuture<Void>> running =
            new ConcurrentHashMap<>();

    /// @param forget called when the deletion of a log is committed, or when it has become a stray:
    ///     the next one of its id is another object
    public Deletions(Disk disk, Manifest manifest, Strays strays, Consumer<OwnedLog> forget) {
        this.disk = disk;
        this.manifest = manifest;
        this.strays = strays;
        this.forget = forget;
    }

    /// Deletes the log's files, also when it is becoming a stray.
    ///
    /// @return ends when it is durable and the folder has gone
    public CompletableFuture<Void> delete(OwnedLog log) {
        return once(log, () -> begin(log))
                .thenCompose(
                        gone ->
                                strays.has(log.partition())
                                        ? strays.delete(log.partition())
                                        : CompletableFuture.completedFuture(null));
    }

    /// Takes the log out of use and keeps its files for a while (L14). No mark is needed: the
    /// entry names it as long as its folder is there.
    public CompletableFuture<Void> makeStray(OwnedLog log, String why) {
        return once(
                log,
                () ->
                        log.life
                                .retire()
                                .thenCompose(
                                        entry ->
                                                entry.isEmpty()
                                                        ? manifest.synced()
                                                        : strays.keep(entry.get(), why))
                                .thenRun(() -> forget.accept(log)));
    }

    private CompletableFuture<Void> begin(OwnedLog log) {
        var moved = new CompletableFuture<Void>();
        return log.life
                .startDelete(
                        () -> {
                            Runnable drop = log.life.deleted();
                            forget.accept(log);
                            CompletableFuture.runAsync(drop, disk.openers)
                                    .thenCompose(dropped -> move(log.partition()))
                                    .whenComplete((removed, error) -> end(moved, error));
                        })
                .thenCompose(durable -> moved);
    }

    private CompletableFuture<Void> once(OwnedLog log, Supplier<CompletableFuture<Void>> leaving) {
        var gone = new CompletableFuture<Void>();
        CompletableFuture<Void> begun = running.putIfAbsent(log, gone);
        if (begun != null) {
            return begun;
        }
        leaving.get()
                .whenComplete(
                        (done, error) -> {
                            running.remove(log);
                            end(gone, error);
                        });
        return gone;
    }

    private static void end(CompletableFuture<Void> future, @Nullable Throwable error) {
        if (error == null) {
            future.complete(null);
        } else {
            future.completeExceptionally(error.getCause() == null ? error : error.getCause());
        }
    }

    private CompletableFuture<Void> move(TopicIdPartition partition) {
        Path folder = PartitionFolder.of(disk.dir, partition);
        try {
            if (Strays.isOf(partition, folder)) {
                Path gone = disk.retired.retireDeleted(partition);
                disk.background.execute(() -> disk.retired.deleteTree(gone));
            }
            return manifest.remove(partition);
        } catch (IOException e) {
            LOG.error("Cannot move {} away", folder, e);
            disk.takeOffline("deleting " + folder, e);
            return CompletableFuture.failedFuture(e);
        }
    }
}
