package io.firn.coordination;

import io.firn.log.LogRead;
import io.firn.log.PartitionLog;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.function.LongConsumer;

/// A partition log in memory with what coordinators use of it: offsets at once, durability later on
/// another thread. Whatever else is asked of it fails.
public final class MemoryLog {
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

    public synchronized long endOffset() {
        return end;
    }

    synchronized long appendNow(MemoryRecords records, int leaderEpoch) {
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

    private synchronized LogRead read(long offset) {
        MemoryRecords records =
                batches.stream()
                        .filter(it -> it.next() > offset)
                        .findFirst()
                        .map(it -> MemoryRecords.readableRecords(it.bytes().duplicate()))
                        .orElse(MemoryRecords.EMPTY);
        return new LogRead(records, List.of(), highWatermark, highWatermark, 0, 0);
    }

    PartitionLog view() {
        return (PartitionLog)
                Proxy.newProxyInstance(
                        PartitionLog.class.getClassLoader(),
                        new Class<?>[] {PartitionLog.class},
                        (proxy, method, args) ->
                                switch (method.getName()) {
                                    case "partition" -> id;
                                    case "appendNow" ->
                                            appendNow((MemoryRecords) args[0], (int) args[1]);
                                    case "logStartOffset", "localLogStartOffset" -> 0L;
                                    case "endOffset" -> endOffset();
                                    case "durableEnd", "highWatermark" -> highWatermark;
                                    case "onHighWatermark" -> {
                                        listeners.add((LongConsumer) args[0]);
                                        yield null;
                                    }
                                    case "removeListener" -> {
                                        listeners.remove((LongConsumer) args[0]);
                                        yield null;
                                    }
                                    case "becomeLeader" -> null;
                                    case "maxBatchBytes" -> Integer.MAX_VALUE;
                                    case "read" -> read((long) args[0]);
                                    case "toString" -> "MemoryLog(" + id + ")";
                                    default ->
                                            throw new UnsupportedOperationException(
                                                    method.getName());
                                });
    }
}
