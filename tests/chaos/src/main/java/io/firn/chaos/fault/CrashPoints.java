package io.firn.chaos.fault;

import static io.firn.chaos.fault.CrashPoint.Side.ENTRY;
import static io.firn.chaos.fault.CrashPoint.Side.EXIT;
import static io.firn.chaos.fault.CrashPoint.Trigger.DELETE_RECORDS;
import static io.firn.chaos.fault.CrashPoint.Trigger.DELETE_TOPIC;
import static io.firn.chaos.fault.CrashPoint.Trigger.LOAD;
import static io.firn.chaos.fault.CrashPoint.Trigger.ORPHAN;
import static io.firn.chaos.fault.CrashPoint.Trigger.START;

import io.firn.chaos.fault.CrashPoint.Side;
import io.firn.chaos.fault.CrashPoint.Trigger;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Every crash point. This is the one place that names methods of other modules:
/// `CrashPointsTest` fails when one of them is renamed, and the line here follows.
public final class CrashPoints {
    private static final String LOG = "io.firn.log.";
    private static final String COLD = "io.firn.tiering.cold.";
    private static final String CATALOG = "io.firn.catalog.";

    private final List<CrashPoint> points = new ArrayList<>();

    private CrashPoints() {
        produce();
        roll();
        release();
        recovery();
        offload();
        commit();
        localDelete();
        administration();
        maintenance();
    }

    static List<CrashPoint> all() {
        return List.copyOf(new CrashPoints().points);
    }

    /// Those whose name is, or begins with, one of `names`; all when there are none.
    public static List<CrashPoint> named(String... names) {
        return all().stream()
                .filter(
                        point ->
                                names.length == 0
                                        || Arrays.stream(names).anyMatch(point.name()::startsWith))
                .toList();
    }

    private void produce() {
        add("produce.group", LOG + "append.LogThread", "takeAndStage", ENTRY, 300, LOAD);
        add("produce.appended", LOG + "append.Appender", "append", EXIT, 300, LOAD);
        add("produce.before-journal", LOG + "journal.Journal", "write", ENTRY, 300, LOAD);
        add("produce.journal-written", LOG + "journal.JournalFile", "write", EXIT, 300, LOAD);
        add("produce.after-journal", LOG + "journal.Journal", "write", EXIT, 300, LOAD);
        add("produce.before-ack", LOG + "partition.OwnedLog", "committed", EXIT, 300, LOAD);
        add("group.appended", LOG + "partition.OwnedLog", "appendNow", EXIT, 10, LOAD);
        add("group.staged", LOG + "append.Appender", "journalRest", EXIT, 20, LOAD);
    }

    private void roll() {
        String unified = "org.apache.kafka.storage.internals.log.UnifiedLog";
        add("segment.write-out", LOG + "segment.SegmentChannel", "writeOut", EXIT, 4, LOAD);
        add("segment.sealed", LOG + "segment.SegmentChannel", "seal", EXIT, 4, LOAD);
        add("roll.before", unified, "roll", ENTRY, 4, LOAD);
        add("roll.after", unified, "roll", EXIT, 4, LOAD);
        add("seal.before-flush", LOG + "partition.LogFiles", "flushClosed", ENTRY, 4, LOAD);
        add("seal.flushed", LOG + "partition.LogFiles", "flushClosed", EXIT, 4, LOAD);
        add("seal.durable", LOG + "partition.OwnedLog", "sealed", ENTRY, 4, LOAD);
    }

    private void release() {
        add("release.begin", LOG + "append.Releaser", "release", ENTRY, 2, LOAD);
        add("release.flushed", LOG + "append.Releaser", "flush", EXIT, 4, LOAD);
        add("release.checkpoint-before", LOG + "directory.ManifestFile", "append", ENTRY, 4, LOAD);
        add("release.checkpoint-written", LOG + "directory.ManifestFile", "append", EXIT, 4, LOAD);
        add("release.header-before", LOG + "journal.Journal", "released", ENTRY, 2, LOAD);
        add("release.header-written", LOG + "journal.JournalFile", "writeSynced", EXIT, 2, LOAD);
        add("release.half-free", LOG + "journal.Journal", "released", EXIT, 2, LOAD);
        add("manifest.before", LOG + "directory.ManifestFile", "append", ENTRY, 2, DELETE_TOPIC);
        add("manifest.written", LOG + "directory.ManifestFile", "append", EXIT, 2, DELETE_TOPIC);
    }

    private void recovery() {
        add("recovery.begin", LOG + "recovery.Startup", "recover", ENTRY, 1, START);
        add("recovery.marks", LOG + "recovery.Recovery", "mark", ENTRY, 8, START);
        add("recovery.marks-applied", LOG + "recovery.Recovery", "begin", EXIT, 3, START);
        add("recovery.cut", LOG + "partition.LogFiles", "cut", EXIT, 2, START);
        add("recovery.opened", LOG + "partition.LogFiles", "open", EXIT, 2, START);
        add("recovery.replay", LOG + "recovery.Recovery", "replay", EXIT, 20, START);
        add("recovery.finish", LOG + "recovery.Recovery", "finish", ENTRY, 3, START);
        add("recovery.finished", LOG + "recovery.Recovery", "finish", EXIT, 3, START);
        add("recovery.done", LOG + "recovery.Startup", "recover", EXIT, 1, START);
        add("recovery.new-journal", LOG + "recovery.Startup", "found", EXIT, 1, START);
        add("recovery.manifest-before", LOG + "directory.ManifestFile", "replace", ENTRY, 1, START);
        add(
                "recovery.checkpoint-written",
                LOG + "directory.ManifestFile",
                "replace",
                EXIT,
                1,
                START);
        add("recovery.header-written", LOG + "HotLog", "begin", EXIT, 1, START);
    }

    private void offload() {
        String client = CATALOG + "client.HttpCatalogClient";
        add("offload.begin", COLD + "offload.OffloadAttempt", "run", ENTRY, 4, LOAD);
        add("offload.prepared", client, "prepared", EXIT, 4, LOAD);
        add("offload.encoded", COLD + "offload.OffloadAttempt", "encode", EXIT, 4, LOAD);
        add("offload.put", "io.firn.objectstore.S3ObjectStore", "put", EXIT, 6, LOAD);
        add("offload.uploaded", client, "uploaded", ENTRY, 4, LOAD);
        add("offload.recorded", client, "uploaded", EXIT, 4, LOAD);
        add("offload.committed", COLD + "offload.OffloadAttempt", "run", EXIT, 4, LOAD);
    }

    private void commit() {
        String store = CATALOG + "store.";
        add("commit.begin", CATALOG + "iceberg.Committer", "commit", ENTRY, 3, LOAD);
        add("commit.manifests-written", CATALOG + "iceberg.Committer", "build", EXIT, 3, LOAD);
        add("commit.metadata-written", store + "commit.CommitStore", "commit", ENTRY, 3, LOAD);
        add("commit.in-transaction", store + "commit.TieringTransaction", "run", EXIT, 3, LOAD);
        add("commit.after-transaction", store + "commit.CommitStore", "commit", EXIT, 3, LOAD);
    }

    private void localDelete() {
        String unified = "org.apache.kafka.storage.internals.log.UnifiedLog";
        add("local-delete.told", LOG + "partition.OwnedLog", "tieredUpTo", EXIT, 3, LOAD);
        add("local-delete.before", unified, "deleteOldSegments", ENTRY, 3, LOAD);
        add("local-delete.after", unified, "deleteOldSegments", EXIT, 3, LOAD);
    }

    private void administration() {
        String client = CATALOG + "client.HttpCatalogClient";
        add(
                "log-start.before",
                LOG + "partition.OwnedLog",
                "deleteRecordsBefore",
                ENTRY,
                1,
                DELETE_RECORDS);
        add(
                "log-start.moved",
                LOG + "partition.OwnedLog",
                "deleteRecordsBefore",
                EXIT,
                1,
                DELETE_RECORDS);
        add("log-start.to-catalog", client, "advanceLogStart", ENTRY, 1, DELETE_RECORDS);
        add("log-start.in-catalog", client, "advanceLogStart", EXIT, 1, DELETE_RECORDS);
        add("topic-delete.before", LOG + "HotLog", "remove", ENTRY, 2, DELETE_TOPIC);
        add("topic-delete.journaled", LOG + "partition.LogLife", "deleted", ENTRY, 2, DELETE_TOPIC);
        add("topic-delete.moved", LOG + "removal.Deletions", "move", EXIT, 2, DELETE_TOPIC);
        add("topic-delete.to-catalog", client, "dropTopic", ENTRY, 1, DELETE_TOPIC);
        add("topic-delete.in-catalog", client, "dropTopic", EXIT, 1, DELETE_TOPIC);
    }

    private void maintenance() {
        String iceberg = CATALOG + "iceberg.";
        add("expiry.begin", iceberg + "Expiry", "expire", ENTRY, 2, LOAD);
        add("expiry.committed", CATALOG + "store.table.TableStore", "expire", EXIT, 1, LOAD);
        add("expiry.file-deleted", iceberg + "RetiredObjects", "delete", EXIT, 3, LOAD);
        add("sweep.begin", COLD + "sweep.OrphanSweeper", "sweepPage", ENTRY, 1, ORPHAN);
        add("sweep.locked", "io.firn.objectstore.S3ObjectStore", "delete", ENTRY, 1, ORPHAN);
        add("sweep.deleted", COLD + "sweep.OrphanSweeper", "sweepPage", EXIT, 1, ORPHAN);
    }

    private void add(
            String name, String className, String method, Side side, int most, Trigger trigger) {
        points.add(new CrashPoint(name, className, method, side, most, trigger));
    }
}
