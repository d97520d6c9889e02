package io.firn.tiering.cold.offload;

import io.firn.catalog.client.CatalogClient;
import io.firn.catalog.client.CatalogException;
import io.firn.catalog.client.ColdState;
import io.firn.catalog.client.ExtentRow;
import io.firn.catalog.client.Fence;
import io.firn.catalog.client.FileRow;
import io.firn.catalog.client.SegmentRow;
import io.firn.catalog.client.TableSpec;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.PutResult;
import io.firn.objectstore.StoreBusyException;
import io.firn.tiering.cold.OwnThread;
import io.firn.tiering.cold.TieringMetrics;
import io.firn.tiering.cold.source.OffloadPolicy;
import io.firn.tiering.cold.source.OffloadRange;
import io.firn.tiering.cold.source.OffloadSource;
import io.firn.tiering.cold.source.VerifiedRange;
import io.firn.tiering.table.SegmentEncoder;
import io.firn.tiering.table.SegmentInput;
import io.firn.tiering.table.column.Layout;
import io.firn.tiering.table.column.SchemaLookup;
import io.firn.tiering.table.column.TableShape;
import io.firn.tiering.table.file.EncodedFile;
import io.firn.tiering.table.file.FlawCount;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

/// One try to bring one range into the table: `PREPARED --encode, PUT--> UPLOADED --commit-->
/// COMMITTED`. Every step may be repeated; an attempt that ends otherwise is abandoned, and its
/// object, should there be one, is left to the sweeper: nothing is deleted here (C3).
final class OffloadAttempt {
    private static final Logger LOG = LoggerFactory.getLogger(OffloadAttempt.class);
    private static final Duration COMMIT_LOOK = Duration.ofSeconds(5);

    /// What became of it.
    sealed interface Outcome {
        /// Committed as read back.
        ///
        /// @param digest of what lies in the local log, to be compared with the row (C4)
        record Committed(ColdState state, long objectBytes, byte[] digest) implements Outcome {}

        /// The range became cold by another attempt (ours before a crash, or an older leader's).
        record Superseded(ColdState state) implements Outcome {}
    }

    /// What all attempts share.
    ///
    /// @param sends admits encoding and upload, each of which holds memory, a spool file and a core
    record Tools(
            CatalogClient catalog,
            ObjectStore store,
            SchemaLookup schemas,
            Spool spool,
            SendLimit sends,
            TieringMetrics metrics,
            FlawLog flaws) {}

    private final Tools tools;
    private final OffloadSource source;
    private final OffloadRange range;
    private final int leaderEpoch;
    private final Instant deadline;
    private final Retry retry;
    private final UUID id = UUID.randomUUID();
    private final AtomicBoolean sending = new AtomicBoolean();
    private byte[] digest = {};
    private List<FlawCount> flaws = List.of();

    OffloadAttempt(
            Tools tools,
            OffloadSource source,
            OffloadRange range,
            int leaderEpoch,
            Instant deadline,
            Retry retry) {
        this.tools = tools;
        this.source = source;
        this.range = range;
        this.leaderEpoch = leaderEpoch;
        this.deadline = deadline;
        this.retry = retry;
    }

    Outcome run() throws InterruptedException {
        try {
            retry.run(
                    "record PREPARED",
                    () ->
                            tools.catalog()
                                    .prepared(
                                            row(
                                                    new byte[0],
                                                    range.maxTimestamp(),
                                                    layout(Set.of(), ""))));
            long bytes = upload();
            return awaitCommit(bytes);
        } catch (RuntimeException | InterruptedException e) {
            abandon();
            throw e;
        }
    }

    /// Encodes and uploads behind a permit.
    private long upload() throws InterruptedException {
        long cuts = tools.sends().acquire();
        sending.set(true);
        try {
            EncodedFile file = OwnThread.call("firn-encode", this::encode);
            EncodedFile.EncodedSegment segment = file.segments().getFirst();
            String address = address();
            long begin = System.nanoTime();
            PutResult put =
                    retry.until("upload " + address, () -> send(address, file.file(), cuts));
            tools.sends().sent();
            if (put.size() != file.size() || !put.crc32c().equals(file.crc32c())) {
                throw new IllegalStateException(
                        "Cannot offload %s: the spool file changed between encoding (%d bytes, CRC32C %s) and upload (%d, %s)"
                                .formatted(
                                        this,
                                        file.size(),
                                        file.crc32c(),
                                        put.size(),
                                        put.crc32c()));
            }
            var fileRow =
                    new FileRow(
                            id,
                            address,
                            file.size(),
                            "crc32c:" + file.crc32c(),
                            file.icebergDataFileJson(address));
            var extent = new ExtentRow(id, id, range.start(), range.end(), segment.seekIndexJson());
            retry.run(
                    "record UPLOADED",
                    () -> tools.catalog().uploaded(id, fileRow, List.of(extent)));
            tools.metrics().offloadStep("upload", Duration.ofNanos(System.nanoTime() - begin));
            return file.size();
        } finally {
            giveBack();
            tools.spool().remove(id);
        }
    }

    /// One PUT; that the store has too much to do is told to the limit of all (C10).
    private PutResult send(String address, Path file, long cuts) {
        try {
            return tools.store().putIfAbsent(ObjectKey.ofAddress(address), file);
        } catch (StoreBusyException busy) {
            tools.sends().slowDown(cuts);
            throw busy;
        }
    }

    /// Gives the permit back, once; the watchdog does it for a thread that hangs (C10).
    void giveBack() {
        if (sending.getAndSet(false)) {
            tools.sends().release();
        }
    }

    private String location = "";

    private EncodedFile encode() {
        long begin = System.nanoTime();
        OffloadPolicy policy = source.policy();
        Set<Integer> schemaIds =
                policy.layout().equals("raw")
                        ? Set.of()
                        : retry.until(
                                "look up schemas",
                                () ->
                                        SchemaIds.known(
                                                source.batches(range.start(), range.end()),
                                                tools.schemas()));
        TableSpec spec =
                retry.until(
                        "ask for the table",
                        () -> tools.catalog().table(source.topic(), policy.tableName(), schemaIds));
        location = spec.location();
        String layout = layout(schemaIds, spec.layout());
        var shape =
                new TableShape(
                        spec.icebergSchemaJson(),
                        spec.mappingJson(),
                        Layout.of(layout),
                        spec.specId());
        var input =
                new SegmentInput(
                        id,
                        source.topic().topicId(),
                        source.partition(),
                        range.start(),
                        range.end(),
                        leaderEpoch,
                        new VerifiedRange(source, range.start(), range.end(), tools.metrics()),
                        source.epochLineageJson(range.start(), range.end()),
                        source.abortIndexJson(range.start(), range.end()));
        EncodedFile file =
                SegmentEncoder.encode(
                        shape, List.of(input), tools.schemas(), tools.spool().file(id));
        EncodedFile.EncodedSegment segment = file.segments().getFirst();
        digest = segment.contentDigest();
        flaws = segment.flaws();
        retry.run(
                "record the digest",
                () ->
                        tools.catalog()
                                .prepared(
                                        row(
                                                segment.contentDigest(),
                                                segment.maxTimestamp(),
                                                layout)));
        tools.metrics().offloadStep("encode", Duration.ofNanos(System.nanoTime() - begin));
        return file;
    }

    /// The topic's own word, else typed columns as soon as a value has a schema, else the table's.
    private String layout(Set<Integer> schemaIds, String ofTable) {
        String wanted = source.policy().layout();
        if (!wanted.isEmpty()) {
            return wanted;
        }
        if (!schemaIds.isEmpty()) {
            return "compact";
        }
        return ofTable.isEmpty() ? "raw" : ofTable;
    }

    private SegmentRow row(byte[] digest, long maxTimestamp, String layout) {
        return new SegmentRow(
                id,
                source.topic().topicId(),
                source.partition(),
                range.start(),
                range.end(),
                leaderEpoch,
                layout,
                digest,
                source.abortIndexJson(range.start(), range.end()),
                source.epochLineageJson(range.start(), range.end()),
                source.producerSnapshot(range.end()),
                maxTimestamp,
                deadline);
    }

    /// FORMAT §6.1.2: the id in the name makes it one that is never used again.
    private String address() {
        return "%s/data/%d/%020d-%020d-e%d-%s.parquet"
                .formatted(
                        location, source.partition(), range.start(), range.end(), leaderEpoch, id);
    }

    private Outcome awaitCommit(long bytes) {
        long begin = System.nanoTime();
        UUID topicId = source.topic().topicId();
        while (true) {
            long coldEnd =
                    retry.until(
                            "wait for the commit",
                            () ->
                                    tools.catalog()
                                            .awaitCommitted(
                                                    topicId,
                                                    source.partition(),
                                                    range.end(),
                                                    COMMIT_LOOK));
            if (coldEnd > range.start()) {
                ColdState state =
                        retry.until(
                                "read back the commit",
                                () -> tools.catalog().coldState(topicId, source.partition()));
                // C4: as read back, by id and not only by offsets.
                boolean ours =
                        state.segments().stream().anyMatch(s -> s.row().segmentUuid().equals(id));
                if (ours) {
                    tools.metrics()
                            .offloadStep("commit", Duration.ofNanos(System.nanoTime() - begin));
                    tools.flaws().committed(source.topic(), source.partition(), flaws);
                    return new Outcome.Committed(state, bytes, digest);
                }
                if (state.coldEnd() > range.start()) {
                    abandon();
                    return new Outcome.Superseded(state);
                }
            }
            // Throws when a higher epoch leads meanwhile (C2, C7); the same epoch changes nothing.
            Fence fence =
                    retry.until(
                            "look at the fence",
                            () ->
                                    tools.catalog()
                                            .raiseFence(
                                                    topicId,
                                                    source.partition(),
                                                    leaderEpoch,
                                                    source.logStart()));
            if (fence.logStart() >= range.end()) { // deleted on its way: it never commits (C2)
                abandon();
                return new Outcome.Superseded(
                        retry.until(
                                "look up what is cold",
                                () -> tools.catalog().coldState(topicId, source.partition())));
            }
            if (retry.expired()) {
                throw new Retry.GivenUpException(
                        "Gave up to wait for the commit of " + this,
                        new IllegalStateException("deadline passed"));
            }
        }
    }

    /// Says clearly that this attempt is over. When even that fails, its deadline says it.
    private void abandon() {
        boolean interrupted = Thread.interrupted();
        try {
            tools.catalog().abandoned(id);
        } catch (CatalogException e) {
            LOG.info("{} is left to its deadline: {}", this, e.getMessage());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    UUID id() {
        return id;
    }

    @Override
    public String toString() {
        return "[%d, %d) of %s-%d (attempt %s)"
                .formatted(
                        range.start(), range.end(), source.topic().topic(), source.partition(), id);
    }
}
