package io.firn.broker.cold;

import io.firn.broker.partition.LedPartition;
import io.firn.catalog.client.TopicRef;
import io.firn.controller.image.ClusterImage;
import io.firn.controller.settings.TableSettings;
import io.firn.log.AbortedTxn;
import io.firn.log.ActiveSegment;
import io.firn.log.ClosedBatches;
import io.firn.log.ClosedHeaders;
import io.firn.log.ClosedSegment;
import io.firn.log.EpochEntry;
import io.firn.log.TieredLog;
import io.firn.tiering.cold.source.OffloadPolicy;
import io.firn.tiering.cold.source.OffloadRange;
import io.firn.tiering.cold.source.OffloadSource;

import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// One led partition, as the offloader sees it.
final class LedSource implements OffloadSource {
    private final LedPartition led;
    private final int epoch;
    private final TopicRef topic;
    private final Supplier<ClusterImage> images;

    /// @param topic the tenant's name for it
    LedSource(LedPartition led, TopicRef topic, Supplier<ClusterImage> images) {
        this.led = led;
        this.epoch = led.epoch();
        this.topic = topic;
        this.images = images;
    }

    @Override
    public TopicRef topic() {
        return topic;
    }

    @Override
    public int partition() {
        return led.partition().partition();
    }

    @Override
    public int leaderEpoch() {
        return epoch;
    }

    @Override
    public OffloadPolicy policy() {
        ClusterImage image = images.get();
        TableSettings table = image.tableSettings(led.partition().topic());
        LogConfig log = image.logConfig(led.partition().topic());
        return new OffloadPolicy(
                table.freshness(),
                table.name().orElse(""),
                switch (table.layout()) {
                    case RAW -> "raw";
                    case COMPACT -> "compact";
                },
                log.retentionMs,
                log.retentionSize,
                table.keepHistory());
    }

    @Override
    public long logStart() {
        return led.log().logStartOffset();
    }

    @Override
    public long localLogStart() {
        TieredLog log = led.log();
        return Math.max(log.logStartOffset(), log.localLogStartOffset());
    }

    @Override
    public long end() {
        return led.log().endOffset();
    }

    @Override
    public void outOfUse(String why) {
        led.outOfUse(why);
    }

    @Override
    public long offloadLimit() {
        TieredLog log = led.log();
        return led.resigned() ? 0 : Math.min(log.highWatermark(), log.lastStableOffset()); // C1
    }

    @Override
    public List<OffloadRange> closed(long from) {
        List<OffloadRange> ranges = new ArrayList<>();
        Instant previousEnd = null;
        for (ClosedSegment segment : led.log().closed()) {
            if (segment.end() > from) {
                ranges.add(
                        new OffloadRange(
                                segment.base(),
                                segment.end(),
                                segment.size(),
                                segment.maxTimestamp(),
                                oldest(segment, previousEnd)));
            }
            previousEnd = segment.closedAt();
        }
        return ranges;
    }

    /// A segment takes its first record when the one before it was closed, or later; with a
    /// freshness roll that is close enough for a figure, and never too young.
    private static Instant oldest(ClosedSegment segment, @Nullable Instant previousEnd) {
        return previousEnd == null ? segment.closedAt() : previousEnd;
    }

    @Override
    public Iterable<ByteBuffer> batches(long start, long end) {
        TieredLog log = led.log();
        return () -> new ClosedBatches(log.closed(), start, end);
    }

    @Override
    public void held(long start, long end, HeldBatch batch) {
        ClosedHeaders.visit(led.log().closed(), start, end, batch::at);
    }

    @Override
    public String epochLineageJson(long start, long end) {
        StringBuilder json = new StringBuilder("[");
        EpochEntry before = null;
        for (EpochEntry entry : led.log().epochs()) {
            if (entry.startOffset() >= end) {
                break;
            }
            if (entry.startOffset() > start) {
                append(json, before);
            }
            before = entry;
        }
        append(json, before);
        return json.append(']').toString();
    }

    private static void append(StringBuilder json, @Nullable EpochEntry entry) {
        if (entry != null) {
            json.append(json.length() > 1 ? "," : "")
                    .append(
                            "{\"epoch\":%d,\"startOffset\":%d}"
                                    .formatted(entry.epoch(), entry.startOffset()));
        }
    }

    @Override
    public String abortIndexJson(long start, long end) {
        StringBuilder json = new StringBuilder("[");
        for (AbortedTxn txn : led.log().aborted(start, end)) {
            json.append(json.length() > 1 ? "," : "")
                    .append(
                            "{\"producerId\":%d,\"firstOffset\":%d,\"lastOffset\":%d,\"lastStableOffset\":%d}"
                                    .formatted(
                                            txn.producerId(),
                                            txn.firstOffset(),
                                            txn.lastOffset(),
                                            txn.lastStableOffset()));
        }
        return json.append(']').toString();
    }

    @Override
    public byte[] producerSnapshot(long end) {
        return led.log().producerSnapshot(end);
    }

    @Override
    public void rollIfOlderThan(Duration age) {
        TieredLog log = led.log();
        if (log.active()
                .map(ActiveSegment::firstAppend)
                .filter(first -> !first.isAfter(Instant.now().minus(age)))
                .isPresent()) {
            log.roll();
        }
    }

    @Override
    public void tieredUpTo(long coldEnd) {
        led.log().tieredUpTo(coldEnd);
    }

    @Override
    public void logStartMoved(long logStart) {
        led.log().deleteRecordsBefore(logStart);
    }
}
