package io.firn.broker;

import io.firn.catalog.client.CatalogClient;
import io.firn.catalog.client.CatalogUnavailableException;
import io.firn.catalog.client.ColdExtent;
import io.firn.catalog.client.ColdSegment;
import io.firn.catalog.client.ColdState;
import io.firn.catalog.client.ExtentRow;
import io.firn.catalog.client.Fence;
import io.firn.catalog.client.FencedException;
import io.firn.catalog.client.FileRow;
import io.firn.catalog.client.SchemaText;
import io.firn.catalog.client.SegmentRow;
import io.firn.catalog.client.TableSpec;
import io.firn.catalog.client.TopicRef;
import io.firn.tiering.table.column.TopicTableSchema;

import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/// A catalog in memory that commits what is uploaded at once, one range after the other (C2), and
/// can be away (C11).
public final class MemoryCatalog implements CatalogClient {
    private record Key(UUID topicId, int partition) {}

    private static final class Partition {
        private int epoch = -1;
        private long coldEnd;
        private long logStart;
        private long generation;
        private final List<ColdSegment> cold = new ArrayList<>();
    }

    private final Map<Key, Partition> partitions = new HashMap<>();
    private final Map<UUID, SegmentRow> prepared = new LinkedHashMap<>();
    final Set<UUID> dropped = ConcurrentHashMap.newKeySet();
    /// What is registered; each topic's table has columns for all of it.
    final Map<Integer, SchemaText> schemas = new ConcurrentSkipListMap<>();

    public volatile boolean away;

    private void reach() {
        if (away) {
            throw new CatalogUnavailableException("The catalog is away");
        }
    }

    private Partition at(UUID topicId, int partition) {
        return partitions.computeIfAbsent(new Key(topicId, partition), k -> new Partition());
    }

    @Override
    public TableSpec table(TopicRef topic, String requestedTableName, Set<Integer> schemaIds) {
        reach();
        Schema columns = TopicTableSchema.base();
        String mapping = "";
        for (SchemaText known : schemas.values()) {
            TopicTableSchema.Evolved evolved =
                    TopicTableSchema.evolve(columns, mapping, known.id(), known.text());
            columns = evolved.schema();
            mapping = evolved.mappingJson();
        }
        return new TableSpec(
                "t",
                topic.tenant(),
                topic.topic(),
                "s3://firn/" + topic.tenant() + "/" + topic.topic() + "-" + topic.topicId(),
                SchemaParser.toJson(columns),
                mapping,
                "raw",
                0);
    }

    @Override
    public synchronized Fence raiseFence(
            UUID topicId, int partition, int leaderEpoch, long logStart) {
        reach();
        Partition p = at(topicId, partition);
        if (leaderEpoch < p.epoch) {
            throw new FencedException("Epoch %d leads".formatted(p.epoch));
        }
        p.epoch = leaderEpoch;
        p.logStart = Math.max(p.logStart, logStart);
        return new Fence(p.coldEnd, p.logStart, p.epoch);
    }

    @Override
    public synchronized void prepared(SegmentRow row) {
        reach();
        prepared.put(row.segmentUuid(), row);
    }

    @Override
    public synchronized void uploaded(UUID segment, FileRow file, List<ExtentRow> extents) {
        reach();
        for (UUID id : extents.stream().map(ExtentRow::segmentUuid).distinct().toList()) {
            SegmentRow row = prepared.get(id);
            Partition p = at(row.topicId(), row.partition());
            if (row.start() < p.coldEnd
                    || row.start() > Math.max(p.coldEnd, p.logStart)
                    || row.end() <= p.logStart) {
                throw new FencedException("Not the next range: " + row);
            }
            p.cold.add(
                    new ColdSegment(
                            row,
                            ++p.generation,
                            Instant.now(),
                            extents.stream()
                                    .filter(e -> e.segmentUuid().equals(id))
                                    .map(
                                            e ->
                                                    new ColdExtent(
                                                            file.path(),
                                                            file.size(),
                                                            e.start(),
                                                            e.end(),
                                                            e.seekIndexJson()))
                                    .toList()));
            p.coldEnd = row.end();
        }
    }

    @Override
    public void abandoned(UUID segment) {
        reach();
    }

    @Override
    public synchronized ColdState coldState(UUID topicId, int partition) {
        reach();
        Partition p = at(topicId, partition);
        return new ColdState(
                p.coldEnd,
                p.logStart,
                p.generation,
                p.cold.stream().sorted(Comparator.comparingLong(ColdSegment::start)).toList());
    }

    @Override
    public Optional<ColdState> coldStateSince(UUID topicId, int partition, long generation) {
        ColdState now = coldState(topicId, partition);
        return now.generation() == generation ? Optional.empty() : Optional.of(now);
    }

    @Override
    public long awaitCommitted(UUID topicId, int partition, long offset, Duration atMost) {
        return coldState(topicId, partition).coldEnd();
    }

    @Override
    public synchronized void advanceLogStart(
            UUID topicId, int partition, long logStart, boolean keepRows) {
        reach();
        Partition p = at(topicId, partition);
        p.logStart = Math.max(p.logStart, logStart);
        p.generation++;
        p.cold.removeIf(segment -> segment.end() <= logStart);
    }

    @Override
    public void dropTopic(UUID topicId, boolean keepTable) {
        reach();
        dropped.add(topicId);
    }

    @Override
    public Optional<SchemaText> schema(int id) {
        reach();
        return Optional.ofNullable(schemas.get(id));
    }

    @Override
    public void close() {}
}
