package io.firn.protocol;

import com.sun.management.UnixOperatingSystemMXBean;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

/// Keeps file descriptors back for the log: connections of clients may take four fifths of those
/// that the process may open, and then further ones are closed at once (G7). A log that cannot open
/// its next segment would stop everybody. Thread safe.
public final class Descriptors {
    private static final Logger LOG = LoggerFactory.getLogger(Descriptors.class);

    /// Counting them means listing a folder, so it is not done for each connection.
    private static final int LOOK_EVERY = 32;

    private final LongSupplier open;
    private final long most;
    private int untilLook;
    private boolean room = true;

    /// @param open descriptors that the process has open now
    /// @param limit how many it may open
    Descriptors(LongSupplier open, long limit) {
        this.open = open;
        this.most = limit / 5 * 4;
    }

    /// Those of this process; without a limit where the platform does not tell.
    public static Descriptors ofProcess() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os
                ? new Descriptors(os::getOpenFileDescriptorCount, os.getMaxFileDescriptorCount())
                : new Descriptors(() -> 0, Long.MAX_VALUE);
    }

    /// Whether one more connection may stay.
    public synchronized boolean hasRoom() {
        if (--untilLook <= 0) {
            untilLook = LOOK_EVERY;
            long now = open.getAsLong();
            boolean had = room;
            room = now < most;
            if (had && !room) {
                LOG.warn(
                        "Closing new connections: {} file descriptors are open, and more than {} are"
                                + " kept for the log. Raise the limit (ulimit -n), or look for"
                                + " clients that open too many connections.",
                        now,
                        most);
            }
        }
        return room;
    }
}
