package io.firn.log.directory;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/// How much room a disk has. Asks it when a second has passed, or when what was written since may
/// make a difference. Thread safe.
public final class DiskSpace {
    private static final Logger LOG = LoggerFactory.getLogger(DiskSpace.class);
    private static final long LOOK_EVERY_NANOS = 1_000_000_000L;

    private final Path dir;
    private final long minFreeBytes;
    private final AtomicLong sinceLook = new AtomicLong();
    private volatile long usable = Long.MAX_VALUE;
    private volatile long lookedAt;

    DiskSpace(Path dir, long minFreeBytes) {
        this.dir = dir;
        this.minFreeBytes = minFreeBytes;
        look();
    }

    /// Whether `bytes` more may be appended without coming near the end of the disk (L13).
    public boolean has(int bytes) {
        long written = sinceLook.addAndGet(bytes);
        if (written > minFreeBytes / 4 || System.nanoTime() - lookedAt > LOOK_EVERY_NANOS) {
            look();
            written = bytes;
        }
        return usable - written >= minFreeBytes;
    }

    /// Bytes that are free now; what was known last while the disk does not say.
    public long usableBytes() {
        look();
        return usable;
    }

    private void look() {
        lookedAt = System.nanoTime();
        sinceLook.set(0);
        try {
            usable = Files.getFileStore(dir).getUsableSpace();
        } catch (IOException | RuntimeException e) {
            LOG.warn("Cannot ask for the free space of {}: {}", dir, e.toString());
        }
    }
}
