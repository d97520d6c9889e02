package io.firn.tiering.cold;

import io.firn.catalog.client.*;
import io.firn.tiering.table.column.TopicTableSchema;

import java.time.Duration;
import java.time.Instant;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;

/// A catalog with real behaviour in memory: fences, contiguous commits, generations. It outlives
/// the brokers that use it; each uses it through a view that can die.
public final class FakeCatalog {
    public enum State {
        PREPARED,
        UPLOADED,
        COMMITTED,
        RETIRED,
        ABANDONED
    }

    public static final class Segment {
        public SegmentRow row;
        public State state = State.PREPARED;
        public FileRow file;
        List<ExtentRow> extents = List.of();
    }

    public static final class Partition {
        public int epoch = -1;
        public long coldEnd;
        public long logStart;
        public long generation;
    }

    public final Map<UUID, Segment> segments = new LinkedHashMap<>();
    final Map<PartitionKey, Partition> partitions = new HashMap<>();
    public final Map<Integer, SchemaText> schemas = new ConcurrentHashMap<>();
    public final Set<Integer> tableSchemas = ConcurrentHashMap.newKeySet();
    public volatile boolean away;
    public volatile boolean committing = true;

    public synchronized Partition partition(UUID topic, int partition) {
        return partitions.computeIfAbsent(new PartitionKey(topic, partition), k -> new Partition());
    }

    public synchronized List<Segment> in(State state) {
        return segments.values().stream().filter(s -> s.state == state).toList();
    }

    /// What the committer does every second.
    synchronized void commit() {
        boolean moved = committing;
        while (moved) {
            moved = false;
            for (Segment s : segments.values()) {
                Partition p = partition(s.row.topicId(), s.row.partition());
                if (s.state == State.UPLOADED
                        && s.row.leaderEpoch() == p.epoch
                        && s.row.start() >= p.coldEnd
                        && s.row.start() <= Math.max(p.coldEnd, p.logStart)
                        && s.row.end() > p.logStart) {
                    s.state = State.COMMITTED;
                    p.coldEnd = s.row.end();
                    p.generation++;
                    moved = true;
                }
            }
        }
    }

    public synchronized ColdState state(UUID topic, int partition) {
        Partition p = partition(topic, partition);
        List<ColdSegment> cold =
                in(State.COMMITTED).stream()
                        .filter(
                                s ->
                                        s.row.topicId().equals(topic)
                                                && s.row.partition() == partition)
                        .map(
                                s ->
                                        new ColdSegment(
                                                s.row,
                                                1,
                                                Instant.EPOCH,
                                                s.extents.stream()
                                                        .map(
                                                                e ->
                                                                        new ColdExtent(
                                                                                s.file.path(),
                                                                                s.file.size(),
                                                                                e.start(),
                                                                                e.end(),
                                                                                e.seekIndexJson()))
                                                        .toList()))
                        .sorted(Comparator.comparingLong(ColdSegment::start))
                        .toList();
        return new ColdState(p.coldEnd, p.logStart, p.generation, cold);
    }

    public CatalogClient client(Faults faults) {
        return new View(faults);
    }

    private final class View implements CatalogClient {
        private final Faults faults;

        View(Faults faults) {
            this.faults = faults;
        }

        private void before(String step) {
            faults.moment("before " + step);
            if (away) {
                throw new CatalogUnavailableException("The catalog is away");
            }
        }

        private void after(String step) {
            faults.moment("after " + step);
        }

        @Override
        public TableSpec table(TopicRef topic, String name, Set<Integer> ids) {
            before("table");
            tableSchemas.addAll(ids);
            return new TableSpec(
                    "t",
                    topic.tenant(),
                    topic.topic(),
                    "s3://firn/" + topic.tenant() + "/" + topic.topic() + "-" + topic.topicId(),
                    TopicTableSchema.baseJson(),
                    "",
                    "raw",
                    0);
        }

        @Override
        public Fence raiseFence(UUID topicId, int partition, int epoch, long logStart) {
            before("fence");
            synchronized (FakeCatalog.this) {
                Partition p = partition(topicId, partition);
                if (epoch < p.epoch) {
                    throw new FencedException("Epoch " + p.epoch + " leads, not " + epoch);
                }
                if (epoch > p.epoch) {
                    p.epoch = epoch;
                    segments.values().stream()
                            .filter(
                                    s ->
                                            s.row.topicId().equals(topicId)
                                                    && s.row.partition() == partition
                                                    && (s.state == State.PREPARED
                                                            || s.state == State.UPLOADED))
                            .forEach(s -> s.state = State.ABANDONED);
                }
                p.logStart = Math.max(p.logStart, logStart);
                after("fence");
                return new Fence(p.coldEnd, p.logStart, p.epoch);
            }
        }

        @Override
        public void prepared(SegmentRow row) {
            before("prepared");
            synchronized (FakeCatalog.this) {
                fenced(row);
                segments.computeIfAbsent(row.segmentUuid(), id -> new Segment()).row = row;
            }
            after("prepared");
        }

        private void fenced(SegmentRow row) {
            if (row.leaderEpoch() < partition(row.topicId(), row.partition()).epoch) {
                throw new FencedException("Fenced");
            }
        }

        @Override
        public void uploaded(UUID id, FileRow file, List<ExtentRow> extents) {
            before("uploaded");
            synchronized (FakeCatalog.this) {
                Segment s = segments.get(id);
                fenced(s.row);
                if (s.state != State.PREPARED && s.state != State.UPLOADED) {
                    throw new CatalogRefusedException("Segment is " + s.state);
                }
                s.state = State.UPLOADED;
                s.file = file;
                s.extents = extents;
            }
            after("uploaded");
        }

        @Override
        public void abandoned(UUID id) {
            before("abandoned");
            synchronized (FakeCatalog.this) {
                Segment s = segments.get(id);
                if (s != null && (s.state == State.PREPARED || s.state == State.UPLOADED)) {
                    s.state = State.ABANDONED;
                }
            }
            after("abandoned");
        }

        @Override
        public ColdState coldState(UUID topicId, int partition) {
            before("cold state");
            return state(topicId, partition);
        }

        @Override
        public Optional<ColdState> coldStateSince(UUID topicId, int partition, long generation) {
            ColdState now = coldState(topicId, partition);
            return now.generation() == generation ? Optional.empty() : Optional.of(now);
        }

        @Override
        public long awaitCommitted(UUID topicId, int partition, long offset, Duration atMost) {
            before("await");
            long end = System.nanoTime() + Math.min(atMost.toNanos(), 50_000_000);
            commit();
            while (partition(topicId, partition).coldEnd < offset && System.nanoTime() < end) {
                try {
                    Thread.sleep(2);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new CatalogUnavailableException("interrupted", e);
                }
                commit();
            }
            after("await");
            return partition(topicId, partition).coldEnd;
        }

        @Override
        public void advanceLogStart(UUID topicId, int partition, long logStart, boolean keepRows) {
            before("log start");
            synchronized (FakeCatalog.this) {
                Partition p = partition(topicId, partition);
                p.logStart = Math.max(p.logStart, logStart);
                p.coldEnd = Math.max(p.coldEnd, 0);
                p.generation++;
                segments.values().stream()
                        .filter(s -> s.state == State.COMMITTED && s.row.end() <= logStart)
                        .forEach(s -> s.state = State.RETIRED);
            }
            after("log start");
        }

        @Override
        public void dropTopic(UUID topicId, boolean keepTable) {}

        @Override
        public Optional<SchemaText> schema(int id) {
            before("schema");
            return Optional.ofNullable(schemas.get(id));
        }

        @Override
        public void close() {}
    }
}
