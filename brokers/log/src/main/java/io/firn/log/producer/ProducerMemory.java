package io.firn.log.producer;

import io.firn.log.LogListener;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// How many producers all open logs together remember (I13, G7). Whoever sends makes entries: one
/// for each producer id in each partition, for a day. Beyond the bound a log that has more than its
/// share forgets its idlest ([KnownProducers]); one that has less may go on to its share, so there
/// are never more than twice as many. Thread safe.
public final class ProducerMemory {
    /// An entry takes about 450 bytes with one batch and 610 with five.
    private static final int ENTRY_BYTES = 640;

    private static final int HEAP_SHARE = 8;

    /// A log may always know so many, which is little beside its files.
    static final int LEAST_SHARE = 16;

    private static final Logger LOG = LoggerFactory.getLogger(ProducerMemory.class);
    private static final long TELL_EVERY_NANOS = Duration.ofMinutes(1).toNanos();

    private final int most;
    private final LogListener listener;
    private final LongSupplier nanoTime;
    private final AtomicInteger held = new AtomicInteger();
    private final AtomicInteger logs = new AtomicInteger();
    private long untold;
    private long toldAt;
    private volatile long forgottenAt;

    /// @param most entries of all logs together
    public ProducerMemory(int most, LogListener listener) {
        this(most, listener, System::nanoTime);
    }

    ProducerMemory(int most, LogListener listener, LongSupplier nanoTime) {
        this.most = most;
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.toldAt = nanoTime.getAsLong() - TELL_EVERY_NANOS;
        this.forgottenAt = toldAt;
    }

    /// An eighth of the heap.
    public static int ofHeap() {
        return (int)
                Math.min(
                        Integer.MAX_VALUE,
                        Runtime.getRuntime().maxMemory() / HEAP_SHARE / ENTRY_BYTES);
    }

    /// Entries of all open logs.
    public int held() {
        return held.get();
    }

    /// Why duplicates of idle producers may go unnoticed now (`/health`); empty while none were
    /// forgotten for a minute.
    public Optional<String> trouble() {
        return nanoTime.getAsLong() - forgottenAt < TELL_EVERY_NANOS
                ? Optional.of(
                        "clients use so many producer ids that logs forget the idlest: %d are known, and %d are an eighth of the heap"
                                .formatted(held(), most))
                : Optional.empty();
    }

    void opened() {
        logs.incrementAndGet();
    }

    void closed() {
        logs.decrementAndGet();
    }

    void add(int entries) {
        held.addAndGet(entries);
    }

    boolean isFull() {
        return held.get() > most;
    }

    /// What each log may remember however many others do.
    int share() {
        return Math.max(LEAST_SHARE, most / Math.max(1, logs.get()));
    }

    void forgot(String log, int entries) {
        listener.producersForgotten(entries);
        long now = nanoTime.getAsLong();
        forgottenAt = now;
        long all;
        synchronized (this) {
            untold += entries;
            if (now - toldAt < TELL_EVERY_NANOS) {
                return;
            }
            toldAt = now;
            all = untold;
            untold = 0;
        }
        LOG.warn(
                "Forgot {} idle producers, the last {} of {}: more than {} producer ids are known in all partitions, an eighth of the heap. What such a producer sends again after so long is not known as a duplicate. Look for a client that takes a new producer id for each batch, or raise FIRN_HEAP",
                all,
                entries,
                log,
                most);
    }
}
