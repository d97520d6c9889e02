package io.firn.log.directory;

import io.firn.log.LogSettings;
import io.firn.log.Planted;
import io.firn.log.SegmentWrite;
import io.firn.log.producer.ProducerMemory;
import io.firn.log.segment.DirectWrites;
import io.firn.log.segment.SegmentBuffers;

import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// What the logs of one disk share.
public final class Disk implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Disk.class);

    public final LogSettings settings;
    public final Path dir;
    public final Time time = Time.SYSTEM;
    public final BrokerTopicStats topicStats = new BrokerTopicStats();
    public final DirectoryFailures failures = new DirectoryFailures(this::takeOffline);
    public final LogScheduler scheduler = new LogScheduler(failures);
    /// Flushes and deletions that must not hold up appends.
    public final ExecutorService background;
    /// Open and create logs' files and move folders, so that the log thread does not.
    public final ExecutorService openers;
    public final RetiredFolders retired;
    /// How many producers the logs remember.
    public final ProducerMemory producers;
    public final DiskSpace space;
    /// Null: segments are written as Kafka does, through the page cache.
    public final @Nullable SegmentBuffers buffers;
    private final boolean direct;
    /// Does file work for threads that others may interrupt.
    private final ExecutorService undisturbed =
            Executors.newCachedThreadPool(
                    task -> Thread.ofPlatform().daemon().name("firn-log-files").unstarted(task));
    public final AtomicInteger openLogs = new AtomicInteger();

    /// No copy of a topic with a table goes now, whatever retention says (C16).
    public volatile boolean deletionsHeld;
    private volatile @Nullable String offline;
    private final CompletableFuture<String> failed = new CompletableFuture<>();

    /// Empty but in tests.
    public final Set<Planted> planted;

    public Disk(LogSettings settings, Set<Planted> planted) {
        this.planted = planted;
        this.settings = settings;
        this.dir = settings.dir();
        this.retired = new RetiredFolders(dir);
        this.producers = new ProducerMemory(settings.maxProducers(), settings.listener());
        this.space = new DiskSpace(dir, settings.minFreeBytes());
        this.openers =
                Executors.newFixedThreadPool(
                        Math.clamp(2L * Runtime.getRuntime().availableProcessors(), 4, 16),
                        task -> Thread.ofPlatform().daemon().name("firn-log-open").unstarted(task));
        boolean gathers = settings.segmentWrite() == SegmentWrite.DIRECT;
        this.buffers = gathers ? new SegmentBuffers(settings.segmentBufferBytes()) : null;
        this.direct = gathers && DirectWrites.acceptedIn(dir);
        this.background =
                Executors.newSingleThreadExecutor(
                        task ->
                                Thread.ofPlatform()
                                        .daemon()
                                        .name("firn-log-flush")
                                        .unstarted(task));
        scheduler.startup();
    }

    /// Whether segments are written with O_DIRECT, not only in large pieces.
    public boolean acceptsDirect() {
        return direct;
    }

    public boolean isOffline() {
        return offline != null;
    }

    /// R20, L4: nothing of this disk is acknowledged, led or served from here on.
    public synchronized void takeOffline(String action, Throwable cause) {
        if (offline == null) {
            offline =
                    "Log directory %s is offline: %s failed (%s). Repair the disk and restart."
                            .formatted(dir, action, cause.getMessage());
            log.error("{}", offline, cause);
            String why = offline;
            settings.listener().offline(why);
            failed.completeAsync(() -> why);
        }
    }

    public void requireOnline() {
        String why = offline;
        if (why != null) {
            throw new KafkaStorageException(why);
        }
    }

    /// Completes, on a thread of its own, when the disk fails.
    public CompletableFuture<String> failed() {
        return failed;
    }

    public @Nullable String offlineReason() {
        return offline;
    }

    /// An interrupt closes the file channel that its thread works with: to the log that looks like
    /// a failed disk (R20). Offload interrupts its virtual threads, so file work of virtual threads
    /// is done by others, and they wait.
    public <T> T undisturbed(Supplier<T> work) {
        if (!Thread.currentThread().isVirtual()) {
            return work.get();
        }
        try {
            return CompletableFuture.supplyAsync(work, undisturbed).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        } catch (RejectedExecutionException closing) {
            throw new KafkaStorageException("The log is closing", closing);
        }
    }

    @Override
    public void close() {
        openers.shutdown();
        background.shutdown();
        undisturbed.shutdown();
        try {
            scheduler.shutdown();
            openers.awaitTermination(30, java.util.concurrent.TimeUnit.SECONDS);
            background.awaitTermination(30, java.util.concurrent.TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        topicStats.close();
    }
}
