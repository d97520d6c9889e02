package io.firn.broker.cold;

import io.firn.broker.partition.LedPartition;
import io.firn.catalog.client.TopicRef;
import io.firn.controller.image.ClusterImage;
import io.firn.controller.settings.TopicSettings;
import io.firn.log.EpochEnd;
import io.firn.log.TimestampOffset;
import io.firn.tiering.cold.ColdSettings;
import io.firn.tiering.cold.offload.OffloadSettings;
import io.firn.tiering.cold.offload.Offloader;
import io.firn.tiering.cold.read.ColdLog;
import io.firn.tiering.cold.read.ColdRange;
import io.firn.tiering.cold.read.ColdRead;
import io.firn.tiering.cold.read.ColdTimestamp;
import io.micrometer.core.instrument.MeterRegistry;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData.AbortedTransaction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// The cold tier over the topics' Iceberg tables.
public final class TableTier implements ColdTier {
    private static final Logger LOG = LoggerFactory.getLogger(TableTier.class);
    private static final long WAIT_SECONDS = 20;

    private final ColdLog coldLog;
    private final Offloader offloader;
    private final TierMetrics metrics;
    private final TopicDeletionNotifier drops;
    private final Supplier<ClusterImage> images;
    private final Tables tables;
    private final Predicate<TopicIdPartition> onDisk;
    private final Set<TopicIdPartition> offloading = ConcurrentHashMap.newKeySet();

    /// @param memory file that outlives the process (C16)
    /// @param onDisk whether this broker has a log of the partition
    /// @param appends a number that changes while somebody produces
    /// @param holding is told when no local copy may go from now on, and when they may again
    public TableTier(
            Tables tables,
            Path memory,
            Supplier<ClusterImage> images,
            MeterRegistry meters,
            Predicate<TopicIdPartition> onDisk,
            LongSupplier appends,
            Consumer<Boolean> holding) {
        this.tables = tables;
        this.onDisk = onDisk;
        this.images = images;
        this.metrics = new TierMetrics(meters);
        this.coldLog =
                new ColdLog(
                        tables.catalog(),
                        tables.store(),
                        ColdSettings.defaults(),
                        metrics,
                        appends);
        this.offloader =
                new Offloader(
                        tables.catalog(),
                        tables.store(),
                        OffloadSettings.of(tables.scratch(), memory),
                        metrics,
                        coldLog::learned,
                        holding);
        this.drops = new TopicDeletionNotifier(tables.catalog());
    }

    @Override
    public CompletableFuture<ColdBatches> read(
            TopicIdPartition partition, long offset, int maxBytes) {
        return coldLog.read(ref(partition), partition.partition(), offset, maxBytes)
                .thenCompose(read -> onwards(partition, offset, maxBytes, read));
    }

    /// Goes on behind offsets that have no record.
    private CompletableFuture<ColdBatches> onwards(
            TopicIdPartition partition, long asked, int maxBytes, ColdRead read) {
        boolean found = read.records().sizeInBytes() > 0;
        if (found || read.nextOffset() >= read.coldEnd() || read.nextOffset() <= asked) {
            return CompletableFuture.completedFuture(
                    new ColdBatches(
                            read.records(),
                            read.aborted().stream()
                                    .map(
                                            txn ->
                                                    new AbortedTransaction()
                                                            .setProducerId(txn.producerId())
                                                            .setFirstOffset(txn.firstOffset()))
                                    .toList(),
                            read.nextOffset(),
                            read.done()));
        }
        return read(partition, read.nextOffset(), maxBytes);
    }

    @Override
    public Optional<TimestampOffset> offsetForTimestamp(
            TopicIdPartition partition, long timestamp, long from) {
        return await(
                        coldLog.offsetForTimestamp(
                                uuid(partition.topicId()), partition.partition(), timestamp, from))
                .map(TableTier::found);
    }

    @Override
    public Optional<TimestampOffset> maxTimestamp(TopicIdPartition partition, long from, long to) {
        return await(
                        coldLog.maxTimestamp(
                                uuid(partition.topicId()), partition.partition(), from, to))
                .map(TableTier::found);
    }

    @Override
    public Optional<EpochEnd> endOfEpoch(TopicIdPartition partition, int epoch) {
        return await(coldLog.endOfEpoch(uuid(partition.topicId()), partition.partition(), epoch))
                .map(end -> new EpochEnd(end.epoch(), end.endOffset()));
    }

    @Override
    public Optional<Long> coldEnd(TopicIdPartition partition) {
        return Optional.of(coldLog.range(uuid(partition.topicId()), partition.partition()))
                .map(ColdRange::coldEnd)
                .filter(end -> end > 0);
    }

    @Override
    public ColdRange range(TopicIdPartition partition) {
        return coldLog.range(uuid(partition.topicId()), partition.partition());
    }

    /// A partition that never had a record here has nothing to carry to the table, and waits for
    /// its first use: a fence in the catalog and a look every few seconds would be most of what
    /// 100,000 idle partitions cost.
    @Override
    public void lead(LedPartition led) {
        if (onDisk.test(led.partition())) {
            offload(led);
        } else {
            led.whenUsed(() -> offload(led));
        }
    }

    private void offload(LedPartition led) {
        TopicIdPartition partition = led.partition();
        ClusterImage image = images.get();
        if (image.topicName(partition.topicId()) == null
                || TopicSettings.isInternal(partition.topic())) {
            return;
        }
        if (image.tableSettings(partition.topic()).enabled()) {
            offloading.add(partition);
            offloader.lead(new LedSource(led, ref(partition), images));
        } else {
            resign(partition);
        }
    }

    @Override
    public void resign(TopicIdPartition partition) {
        if (offloading.remove(partition)) {
            offloader.resign(uuid(partition.topicId()), partition.partition());
        }
    }

    @Override
    public int stuckPartitions() {
        return metrics.stuckPartitions();
    }

    @Override
    public CompletableFuture<Void> dropTopic(String insideName, Uuid topicId, boolean keepTable) {
        if (TopicSettings.isInternal(insideName)) {
            return CompletableFuture.completedFuture(null);
        }
        offloader.forget(uuid(topicId));
        return drops.drop(uuid(topicId), keepTable);
    }

    private static <T> T await(CompletableFuture<T> coming) {
        return coming.orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
    }

    private static TimestampOffset found(ColdTimestamp cold) {
        return new TimestampOffset(cold.timestamp(), cold.offset(), cold.leaderEpoch());
    }

    /// A tenant key has no dot, so the first dot of an inside name ends it.
    static TopicRef ref(TopicIdPartition partition) {
        String inside = partition.topic();
        int dot = inside.indexOf('.');
        return new TopicRef(
                inside.substring(0, dot), inside.substring(dot + 1), uuid(partition.topicId()));
    }

    public static UUID uuid(Uuid id) {
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    @Override
    public void close() {
        drops.close();
        offloader.close();
        coldLog.close();
        try {
            tables.catalog().close();
            tables.store().close();
        } catch (Exception e) {
            LOG.warn("Cannot close the catalog's or the object store's client", e);
        }
    }
}
