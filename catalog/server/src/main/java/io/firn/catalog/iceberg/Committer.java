package io.firn.catalog.iceberg;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.commit.CommitStore;
import io.firn.catalog.store.commit.HiddenRows;
import io.firn.catalog.store.commit.RowsToHide;
import io.firn.catalog.store.commit.TieringCommit;
import io.firn.catalog.store.lease.Lease;
import io.firn.catalog.store.lease.LeaseKeeper;
import io.firn.catalog.store.sql.BackendUnavailableException;
import io.firn.catalog.store.table.TableRow;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ContentFileParser;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.DeleteFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/// Brings what is `UPLOADED` into the tables, one table after the other, about every second. All
/// its state is in Postgres: whoever has the lease continues from there (FORMAT §6.1.3 to 6.1.5).
public final class Committer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
    private static final int MAX_SEGMENTS = 1000;

    /// Long enough for a standby to take the lease.
    private static final Duration AFTER_ERROR = Duration.ofSeconds(15);
    private static final int MAX_TABLES_KEPT = 256;

    private final Supplier<CatalogStore> store;
    private final MetadataFiles files;
    private final Duration interval;
    private final LeaseKeeper keeper;
    private final ObjectMapper json = new ObjectMapper();
    private final ReentrantLock round = new ReentrantLock();
    private final Map<UUID, FirnTableOperations> tables =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<UUID, FirnTableOperations> eldest) {
                    return size() > MAX_TABLES_KEPT;
                }
            };
    private final Timer freshness;
    private final Timer duration;
    private final Counter commits;
    private final Counter failures;
    private Instant nextComplaint = Instant.MIN; // of rows that stay; under `round`
    private volatile double oldestWaitSeconds;
    private volatile @Nullable Thread thread;
    private volatile boolean closed;
    private volatile boolean failed;

    public Committer(
            Supplier<CatalogStore> store,
            MetadataFiles files,
            MeterRegistry metrics,
            Duration interval) {
        this.store = store;
        this.files = files;
        this.interval = interval;
        this.keeper =
                new LeaseKeeper(() -> store.get().leases(), "committer", LeaseKeeper.COMMITTER);
        this.freshness =
                Timer.builder("firn.table.commit.lag")
                        .description("From uploaded to committed, per segment")
                        .publishPercentiles(0.5, 0.99)
                        .register(metrics);
        this.duration =
                Timer.builder("firn.table.commit.duration")
                        .description("One commit of one table")
                        .publishPercentiles(0.5, 0.99)
                        .register(metrics);
        this.commits = Counter.builder("firn.table.commits").register(metrics);
        this.failures =
                Counter.builder("firn.table.commit.failures")
                        .description("Commits that were refused, or whose outcome was unknown")
                        .register(metrics);
        metrics.gauge("firn.table.commit.oldest.wait.seconds", this, c -> c.oldestWaitSeconds);
    }

    public void start() {
        keeper.start();
        thread = Thread.ofVirtual().name("committer").start(this::run);
    }

    private void run() {
        boolean complained = false;
        Duration rest = interval;
        while (!closed) {
            try {
                Thread.sleep(rest);
                long begin = System.nanoTime();
                round();
                rest = rest(Duration.ofNanos(System.nanoTime() - begin));
                complained = false;
                failed = false;
            } catch (InterruptedException e) {
                return;
            } catch (BackendUnavailableException e) {
                if (!complained) {
                    LOG.warn("Commits wait: {}", e.getMessage());
                    complained = true;
                }
            } catch (RuntimeException e) {
                LOG.error("A round of the committer failed; the next one begins anew", e);
            } catch (Error e) {
                keeper.giveBack();
                failed = true;
                rest = AFTER_ERROR;
                tables.clear();
                LOG.error(
                        "The committer has met an error and gives up its lease, for a standby to take; after {} it begins anew as a candidate",
                        AFTER_ERROR,
                        e);
            }
        }
    }

    /// True from an error on until a round succeeds.
    public boolean failed() {
        return failed;
    }

    /// Rounds begin an interval apart, since what they took is part of each record's way to the
    /// table; between two there is a fifth of it at least, for others who use the database.
    private Duration rest(Duration took) {
        Duration least = interval.dividedBy(5);
        Duration rest = interval.minus(took);
        return rest.compareTo(least) < 0 ? least : rest;
    }

    /// One round over all tables that have work. Empty when another committer has the lease.
    ///
    /// @return how many tables were committed
    public Optional<Integer> round() {
        round.lock();
        try {
            CatalogStore catalog = store.get();
            Optional<Lease> lease = keeper.take();
            if (lease.isEmpty()) {
                return Optional.empty();
            }
            catalog.segments().abandonExpired();
            int committed = 0;
            for (UUID tableId : catalog.commits().tablesWithWork()) {
                lease = keeper.take(); // still ours?
                if (closed || lease.isEmpty()) {
                    break;
                }
                committed += commitQuietly(catalog, lease.get(), tableId) ? 1 : 0;
            }
            oldestWaitSeconds = catalog.commits().oldestWaitSeconds();
            return Optional.of(committed);
        } finally {
            round.unlock();
        }
    }

    /// One table's trouble does not keep the others waiting.
    private boolean commitQuietly(CatalogStore catalog, Lease lease, UUID tableId) {
        try {
            return commit(catalog, lease, tableId);
        } catch (BackendUnavailableException e) {
            throw e;
        } catch (CommitFailedException e) {
            failures.increment();
            tables.remove(tableId);
            LOG.info(
                    "Commit to table {} was refused and is planned anew: {}",
                    tableId,
                    e.getMessage());
        } catch (RuntimeException e) {
            failures.increment();
            tables.remove(tableId);
            LOG.error("Cannot commit to table {}; it is tried again", tableId, e);
        }
        return false;
    }

    private boolean commit(CatalogStore catalog, Lease lease, UUID tableId) {
        Optional<TableRow> found = catalog.tables().table(tableId);
        UUID topicId = found.map(TableRow::topicId).orElse(null);
        if (found.isEmpty() || topicId == null) {
            return false; // dropped in between
        }
        TableRow row = found.get();
        CommitStore.Work work = catalog.commits().work(topicId, MAX_SEGMENTS);
        catalog.commits().abandon(work.plan().passed());
        if (work.plan().segments().isEmpty()
                && work.removed().isEmpty()
                && work.hidden().isEmpty()) {
            return false;
        }
        long started = System.nanoTime();
        long seq = row.commitSeq() + 1;
        UUID commitUuid = UUID.randomUUID();
        FirnTableOperations operations =
                tables.computeIfAbsent(tableId, id -> TopicTables.operations(store, files, row));
        TableMetadata base = operations.refresh();
        checkBase(row, base);
        ScratchOperations scratch = new ScratchOperations(operations, base);
        List<HiddenRows> hidden = hide(scratch, work);
        if (work.plan().segments().isEmpty() && work.removed().isEmpty() && hidden.isEmpty()) {
            return false;
        }
        Map<UUID, DeleteFile> removedDeletes = removedDeletes(scratch, work, hidden);
        TableMetadata next = build(scratch, row, work, hidden, removedDeletes, seq, commitUuid);
        Set<UUID> removed = new HashSet<>();
        work.removed().forEach(f -> removed.add(f.fileId()));
        try {
            operations.commit(
                    base,
                    next,
                    move ->
                            catalog.commits()
                                    .commit(
                                            lease,
                                            new TieringCommit(
                                                    commitUuid,
                                                    topicId,
                                                    tableId,
                                                    seq,
                                                    move.beforeLocation(),
                                                    move.afterLocation(),
                                                    work.plan().segments(),
                                                    removed,
                                                    hidden,
                                                    removedDeletes.keySet(),
                                                    move.dropped())));
        } catch (CommitFailedException e) {
            // Refused for certain: nobody names them.
            new RetiredObjects(store, files)
                    .discard(tableId, new TablePrefix(row.prefix()), scratch.written());
            throw e;
        } catch (CommitStateUnknownException e) {
            // C3: read back; nothing is deleted. If it is not there, the next round plans from what
            // Postgres says then, and the compare-and-set lets only one of the two attempts win.
            tables.remove(tableId);
            if (!catalog.commits().committed(commitUuid)) {
                throw e;
            }
        }
        Instant now = Instant.now();
        work.plan()
                .segments()
                .forEach(s -> freshness.record(positive(Duration.between(s.since(), now))));
        duration.record(Duration.ofNanos(System.nanoTime() - started));
        commits.increment();
        LOG.info(
                "Table {}.{} commit {}: {} segments, {} files in, {} out, rows hidden in {}",
                row.namespace(),
                row.name(),
                seq,
                work.plan().segments().size(),
                work.added().size(),
                work.removed().size(),
                hidden.size());
        return true;
    }

    /// The attempt is built on the row's pointer and number, or not at all.
    private static void checkBase(TableRow row, TableMetadata base) {
        String inTable = base.property(TopicProperties.COMMIT_SEQ, "0");
        if (!row.metadataLocation().equals(base.metadataFileLocation())) {
            throw new CommitFailedException("The table moved while its commit was planned");
        }
        if (!inTable.equals(Long.toString(row.commitSeq()))) {
            throw new IllegalStateException(
                    "Table %s.%s says %s=%s, Postgres says %d: the pointer was changed by hand; nothing is committed"
                            .formatted(
                                    row.namespace(),
                                    row.name(),
                                    TopicProperties.COMMIT_SEQ,
                                    inTable,
                                    row.commitSeq()));
        }
    }

    /// C17. A file in the table of which this fails waits for a later round, and with it nothing
    /// else.
    private List<HiddenRows> hide(ScratchOperations scratch, CommitStore.Work work) {
        if (work.hidden().isEmpty()) {
            return List.of();
        }
        PositionDeleteWriter writer = new PositionDeleteWriter(files.objects());
        Set<UUID> added = new HashSet<>();
        work.added().forEach(f -> added.add(f.fileId()));
        List<HiddenRows> hidden = new ArrayList<>();
        for (RowsToHide rows : work.hidden()) {
            try {
                hidden.add(writer.write(rows, scratch.current().location(), scratch.io()));
            } catch (RuntimeException e) {
                if (added.contains(rows.file().fileId())) {
                    throw e;
                }
                failures.increment();
                if (Instant.now().isBefore(nextComplaint)) {
                    continue;
                }
                nextComplaint = Instant.now().plusSeconds(60);
                LOG.error(
                        "Rows of {} below the log start stay in the table for now: their position deletes cannot be written",
                        rows.file().path(),
                        e);
            }
        }
        return hidden;
    }

    /// Position deletes that go: of files that go, and those that new ones take the place of.
    private Map<UUID, DeleteFile> removedDeletes(
            ScratchOperations scratch, CommitStore.Work work, List<HiddenRows> hidden) {
        Set<UUID> replaced = new HashSet<>();
        hidden.stream()
                .filter(h -> h.deletes().isPresent())
                .forEach(h -> replaced.add(h.dataFileId()));
        Map<Integer, PartitionSpec> specs = scratch.current().specsById();
        Map<UUID, DeleteFile> removed = new HashMap<>();
        work.removedDeletes()
                .forEach(f -> removed.put(f.fileId(), contentFile(f, specs, DeleteFile.class)));
        work.hidden().stream()
                .filter(rows -> replaced.contains(rows.file().fileId()))
                .flatMap(rows -> rows.before().stream())
                .forEach(f -> removed.put(f.fileId(), contentFile(f, specs, DeleteFile.class)));
        return removed;
    }

    private TableMetadata build(
            ScratchOperations scratch,
            TableRow row,
            CommitStore.Work work,
            List<HiddenRows> hidden,
            Map<UUID, DeleteFile> removedDeletes,
            long seq,
            UUID commitUuid) {
        BaseTable table = new BaseTable(scratch, row.namespace() + "." + row.name());
        if (!work.added().isEmpty()) {
            AppendFiles append = table.newAppend();
            Map<Integer, PartitionSpec> specs = scratch.current().specsById();
            for (CommitStore.FileToCommit file : work.added()) {
                append.appendFile(contentFile(file, specs, DataFile.class));
            }
            append.set(TopicProperties.COMMIT_SEQ, Long.toString(seq));
            append.set(TopicProperties.COMMIT_UUID, commitUuid.toString());
            append.commit();
        }
        if (!work.removed().isEmpty()) {
            DeleteFiles delete = table.newDelete();
            for (CommitStore.FileToCommit file : work.removed()) {
                delete.deleteFile(file.path());
            }
            delete.set(TopicProperties.COMMIT_SEQ, Long.toString(seq));
            delete.set(TopicProperties.COMMIT_UUID, commitUuid.toString());
            delete.commit();
        }
        if (!removedDeletes.isEmpty() || hidden.stream().anyMatch(h -> h.deletes().isPresent())) {
            RowDelta rows = table.newRowDelta();
            Map<Integer, PartitionSpec> specs = scratch.current().specsById();
            hidden.stream()
                    .flatMap(h -> h.deletes().stream())
                    .map(d -> new CommitStore.FileToCommit(d.fileId(), d.path(), d.icebergJson()))
                    .forEach(f -> rows.addDeletes(contentFile(f, specs, DeleteFile.class)));
            removedDeletes.values().forEach(rows::removeDeletes);
            rows.set(TopicProperties.COMMIT_SEQ, Long.toString(seq));
            rows.set(TopicProperties.COMMIT_UUID, commitUuid.toString());
            rows.commit();
        }
        return TableMetadata.buildFrom(scratch.current())
                .setProperties(Map.of(TopicProperties.COMMIT_SEQ, Long.toString(seq)))
                .build();
    }

    private <T extends ContentFile<T>> T contentFile(
            CommitStore.FileToCommit file, Map<Integer, PartitionSpec> specs, Class<T> type) {
        try {
            ContentFile<?> found =
                    ContentFileParser.fromJson(json.readTree(file.dataFileJson()), specs);
            if (type.isInstance(found) && found.location().equals(file.path())) {
                return type.cast(found);
            }
        } catch (JsonProcessingException | RuntimeException e) {
            throw new IllegalStateException(
                    "File %s is described by JSON that Iceberg does not read: %s"
                            .formatted(file.path(), e.getMessage()),
                    e);
        }
        throw new IllegalStateException(
                "File %s is described as another one: %s"
                        .formatted(file.path(), file.dataFileJson()));
    }

    private static Duration positive(Duration duration) {
        return duration.isNegative() ? Duration.ZERO : duration;
    }

    @Override
    public void close() {
        closed = true;
        Thread running = thread;
        try {
            if (running != null) {
                running.join(Duration.ofSeconds(3)); // not interrupted: a commit may end
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (running != null && running.isAlive()) {
            keeper.stop(); // the lease is still used: it runs out
        } else {
            keeper.close();
        }
    }
}
