package io.firn.coordination;

import io.firn.log.CoordinatorLog;
import io.firn.log.Isolation;
import io.firn.log.LogRead;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.function.LongConsumer;

/// A partition log in memory with what coordinators use of it: offsets at once, durability later on
/// another thread.
public final class MemoryLog implements CoordinatorLog {
    private record Batch(long base, long next, ByteBuffer bytes) {}

    private final TopicIdPartition id;
    private final ExecutorService disk;
    private final List<Batch> batches = new ArrayList<>();
    private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();
    private long end;
    private volatile long highWatermark;
    private volatile boolean stalled;

    MemoryLog(TopicIdPartition id, ExecutorService disk) {
        this.id = id;
        this.disk = disk;
    }

    /// Appends go on, but nothing becomes durable until `false`.
    public void stall(boolean on) {
        stalled = on;
        if (!on) {
            disk.execute(() -> durable(endOffset()));
        }
    }

    @Override
    public synchronized long endOffset() {
        return end;
    }

    @Override
    public synchronized long appendNow(MemoryRecords records, int leaderEpoch) {
        ByteBuffer copy = ByteBuffer.allocate(records.sizeInBytes());
        copy.put(records.buffer().duplicate()).flip();
        for (MutableRecordBatch batch : MemoryRecords.readableRecords(copy).batches()) {
            long count = batch.lastOffset() - batch.baseOffset() + 1;
            long base = end;
            end = base + count;
            batch.setLastOffset(end - 1);
            batch.setPartitionLeaderEpoch(leaderEpoch);
            batches.add(new Batch(base, end, copy));
        }
        long next = end;
        disk.execute(
                () -> {
                    if (!stalled) {
                        durable(next);
                    }
                });
        return next;
    }

    /// What compaction may do: batches wholly below this offset are gone, the log end stays.
    public synchronized void dropAllBatches() {
        batches.clear();
    }

    private void durable(long offset) {
        if (offset > highWatermark) {
            highWatermark = offset;
            listeners.forEach(it -> it.accept(offset));
        }
    }

    @Override
    public synchronized LogRead read(
            long offset, int maxBytes, boolean atLeastOneBatch, Isolation isolation) {
        MemoryRecords records =
                batches.stream()
                        .filter(it -> it.next() > offset)
                        .findFirst()
                        .map(it -> MemoryRecords.readableRecords(it.bytes().duplicate()))
                        .orElse(MemoryRecords.EMPTY);
        return new LogRead(records, List.of(), highWatermark, highWatermark, 0, 0);
    }

    @Override
    public TopicIdPartition partition() {
        return id;
    }

    @Override
    public long logStartOffset() {
        return 0;
    }

    @Override
    public long localLogStartOffset() {
        return 0;
    }

    @Override
    public long durableEnd() {
        return highWatermark;
    }

    @Override
    public long highWatermark() {
        return highWatermark;
    }

    @Override
    public long lastStableOffset() {
        return highWatermark;
    }

    @Override
    public void onHighWatermark(LongConsumer listener) {
        listeners.add(listener);
    }

    @Override
    public void removeListener(LongConsumer listener) {
        listeners.remove(listener);
    }

    @Override
    public int maxBatchBytes() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void deleteRecordsBefore(long offset) {
        throw new UnsupportedOperationException("deleteRecordsBefore " + offset);
    }

    @Override
    public String toString() {
        return "MemoryLog(" + id + ")";
    }
}
