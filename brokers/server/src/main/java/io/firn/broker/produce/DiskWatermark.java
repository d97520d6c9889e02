package io.firn.broker.produce;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Whether the data disk has room for more records. Producers are refused with an error that they
/// retry before the disk is full, so that the log, the journal and the offload, which makes room
/// again, go on (C11).
public final class DiskWatermark {
    private static final Logger LOG = LoggerFactory.getLogger(DiskWatermark.class);

    /// Room that stays: for the offload's spool, checkpoints and what is already queued.
    static final long RESERVE_BYTES = 256L << 20;

    private final Path dir;
    private final LongSupplier usable;
    private volatile long usableBytes = Long.MAX_VALUE;

    /// @param usable asks the disk
    public DiskWatermark(Path dir, LongSupplier usable) {
        this.dir = dir;
        this.usable = usable;
    }

    boolean full() {
        return usableBytes < RESERVE_BYTES;
    }

    public long usableBytes() {
        return usableBytes;
    }

    /// Why producers are refused (`/health`); empty while there is room.
    public Optional<String> trouble() {
        return full() ? Optional.of(refusal()) : Optional.empty();
    }

    String refusal() {
        return "Cannot append: the disk of %s has %d bytes left, and %d are kept free. Make room; producers go on by themselves."
                .formatted(dir, usableBytes, RESERVE_BYTES);
    }

    /// Called every second.
    public void look() {
        found(usable.getAsLong());
    }

    void found(long bytes) {
        boolean before = full();
        usableBytes = bytes;
        if (full() != before) {
            if (full()) {
                LOG.error(refusal());
            } else {
                LOG.info("The disk of {} has room again: {} bytes", dir, bytes);
            }
        }
    }
}
