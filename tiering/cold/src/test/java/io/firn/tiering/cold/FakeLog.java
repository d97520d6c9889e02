package io.firn.tiering.cold;

import io.firn.catalog.client.TopicRef;
import io.firn.tiering.cold.source.OffloadPolicy;
import io.firn.tiering.cold.source.OffloadRange;
import io.firn.tiering.cold.source.OffloadSource;

import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.*;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.*;
import java.util.concurrent.atomic.AtomicInteger;

/// A hot log in memory with closed segments and an active one.
public final class FakeLog {
    public record Segment(long start, long end, List<MemoryRecords> batches, Instant at) {}

    public static final TopicRef TOPIC = new TopicRef("public", "orders", UUID.randomUUID());

    public final List<Segment> closed = new ArrayList<>();
    final List<MemoryRecords> active = new ArrayList<>();
    public final List<String> values = new ArrayList<>();
    public final NavigableMap<Long, Integer> epochs = new TreeMap<>(Map.of(0L, 1));
    Instant activeSince = Instant.MAX;
    public long activeStart;
    public long end;
    public volatile long limit = Long.MAX_VALUE;
    public volatile boolean unknown; // where it begins, as after its folder was lost
    public final AtomicInteger askedInVain = new AtomicInteger();
    public volatile long logStart;
    public volatile long localStart;
    public volatile long tiered;
    public volatile boolean readByVirtualThread;
    public volatile String outOfUse = "";
    public volatile long unread = -1; // the batch with this base is held and never handed over
    public volatile String aborted = "[]";
    public volatile OffloadPolicy policy = OffloadPolicy.keepForEver(Duration.ofSeconds(10));

    /// Appends one batch of `n` records `v<offset>`, each a second after the one before.
    public synchronized void append(int n, Compression compression) {
        append(n, compression, "v");
    }

    public synchronized void append(int n, Compression compression, String prefix) {
        var records = new SimpleRecord[n];
        for (int i = 0; i < n; i++) {
            String value = prefix + (end + i);
            values.add(value);
            records[i] =
                    new SimpleRecord(
                            1_000_000 + (end + i) * 1_000,
                            ("k" + (end + i) % 7).getBytes(StandardCharsets.UTF_8),
                            value.getBytes(StandardCharsets.UTF_8));
        }
        add(
                MemoryRecords.withRecords(
                        RecordBatch.MAGIC_VALUE_V2,
                        end,
                        compression,
                        TimestampType.CREATE_TIME,
                        RecordBatch.NO_PRODUCER_ID,
                        RecordBatch.NO_PRODUCER_EPOCH,
                        RecordBatch.NO_SEQUENCE,
                        epochs.lastEntry().getValue(),
                        false,
                        records));
    }

    public synchronized void add(MemoryRecords batch) {
        if (active.isEmpty()) {
            activeSince = Instant.now();
        }
        active.add(batch);
        for (RecordBatch b : batch.batches()) {
            end = b.lastOffset() + 1;
        }
    }

    /// Offsets that compaction or a filter took away.
    public synchronized void skip(int n) {
        end += n;
        for (int i = 0; i < n; i++) {
            values.add(null);
        }
    }

    public synchronized void roll() {
        if (!active.isEmpty()) {
            closed.add(new Segment(activeStart, end, List.copyOf(active), activeSince));
            active.clear();
            activeStart = end;
        }
    }

    public synchronized void segment(int batches, int records) {
        for (int i = 0; i < batches; i++) {
            append(records, i % 2 == 0 ? Compression.NONE : Compression.zstd().build());
        }
        roll();
    }

    public Source lead(int epoch, Faults faults) {
        return new Source(epoch, faults);
    }

    public final class Source implements OffloadSource {
        private final int epoch;
        private final Faults faults;

        Source(int epoch, Faults faults) {
            this.epoch = epoch;
            this.faults = faults;
        }

        @Override
        public TopicRef topic() {
            return TOPIC;
        }

        @Override
        public int partition() {
            return 0;
        }

        @Override
        public int leaderEpoch() {
            return epoch;
        }

        @Override
        public OffloadPolicy policy() {
            return policy;
        }

        @Override
        public long logStart() {
            if (unknown) {
                askedInVain.incrementAndGet();
                throw new KafkaStorageException("not on this disk");
            }
            return logStart;
        }

        @Override
        public long localLogStart() {
            return Math.max(logStart, localStart);
        }

        @Override
        public long end() {
            return end;
        }

        @Override
        public void outOfUse(String why) {
            outOfUse = why;
        }

        @Override
        public long offloadLimit() {
            return Math.min(limit, end);
        }

        @Override
        public List<OffloadRange> closed(long from) {
            synchronized (FakeLog.this) {
                return closed.stream()
                        .filter(s -> s.end() > from)
                        .map(
                                s ->
                                        new OffloadRange(
                                                s.start(),
                                                s.end(),
                                                s.batches().stream()
                                                        .mapToLong(MemoryRecords::sizeInBytes)
                                                        .sum(),
                                                1_000_000 + (s.end() - 1) * 1_000,
                                                s.at()))
                        .toList();
            }
        }

        @Override
        public Iterable<ByteBuffer> batches(long start, long end) {
            readByVirtualThread |= Thread.currentThread().isVirtual();
            synchronized (FakeLog.this) {
                return closed.stream()
                        .flatMap(s -> s.batches().stream())
                        .filter(
                                m -> {
                                    RecordBatch one = m.batches().iterator().next();
                                    return one.lastOffset() >= start && one.baseOffset() < end;
                                })
                        .filter(m -> m.batches().iterator().next().baseOffset() != unread)
                        .map(m -> m.buffer().duplicate())
                        .toList();
            }
        }

        @Override
        public void held(long start, long end, HeldBatch batch) {
            synchronized (FakeLog.this) {
                for (Segment segment : closed) {
                    for (MemoryRecords records : segment.batches()) {
                        RecordBatch one = records.batches().iterator().next();
                        if (one.lastOffset() >= start && one.baseOffset() < end) {
                            batch.at(
                                    one.baseOffset(),
                                    one.lastOffset(),
                                    one.sizeInBytes(),
                                    (int) one.checksum());
                        }
                    }
                }
            }
        }

        @Override
        public String epochLineageJson(long start, long end) {
            var parts = new ArrayList<String>();
            epochs.headMap(end)
                    .forEach(
                            (from, e) -> {
                                Long next = epochs.higherKey(from);
                                if (next == null || next > start) {
                                    parts.add(
                                            "{\"epoch\":%d,\"startOffset\":%d}".formatted(e, from));
                                }
                            });
            return "[" + String.join(",", parts) + "]";
        }

        @Override
        public String abortIndexJson(long start, long end) {
            return aborted;
        }

        @Override
        public byte[] producerSnapshot(long end) {
            return new byte[0];
        }

        @Override
        public void rollIfOlderThan(Duration age) {
            synchronized (FakeLog.this) {
                if (!active.isEmpty() && !activeSince.plus(age).isAfter(Instant.now())) {
                    roll();
                }
            }
        }

        @Override
        public void tieredUpTo(long coldEnd) {
            faults.moment("before tiered");
            tiered = Math.max(tiered, coldEnd);
            faults.moment("after tiered");
        }

        @Override
        public void logStartMoved(long start) {
            logStart = Math.max(logStart, start);
        }
    }
}
