package io.firn.tiering.table.batch;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/// Leaves the processors to others while batches of a few bytes unpack to very many, which the
/// producers of a `check=batch` topic may send unseen. They go to the table as all others, but an
/// encoder rests four times as long as each of them took. Of one thread.
public final class UnpackThrottle {
    private static final int SUSPICIOUS_RATIO = 100;
    private static final int SUSPICIOUS_BYTES = 1 << 20;
    private static final int RESTS = 4;

    /// In one range, so that its attempt meets its deadline (C10) all the same.
    private static final long MOST_REST_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final LongSupplier nanoTime;
    private final LongConsumer rest;
    private long begun;
    private long rested;

    public UnpackThrottle() {
        this(System::nanoTime, LockSupport::parkNanos);
    }

    public UnpackThrottle(LongSupplier nanoTime, LongConsumer rest) {
        this.nanoTime = nanoTime;
        this.rest = rest;
    }

    public void begin() {
        begun = nanoTime.getAsLong();
    }

    /// The batch that began last is done.
    public void done(int packed, long unpacked) {
        if (unpacked < SUSPICIOUS_BYTES || unpacked / SUSPICIOUS_RATIO < packed) {
            return;
        }
        long took = nanoTime.getAsLong() - begun;
        long now = Math.min(RESTS * took, MOST_REST_NANOS - rested);
        if (now > 0) {
            rested += now;
            rest.accept(now);
        }
    }
}
