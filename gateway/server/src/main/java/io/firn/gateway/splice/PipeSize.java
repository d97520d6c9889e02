package io.firn.gateway.splice;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Makes pipes larger than the usual 16 pages, which bytes from the page cache fill with 64 KiB.
final class PipeSize {
    private static final Logger LOG = LoggerFactory.getLogger(PipeSize.class);
    private static final int F_SETPIPE_SZ = 1031;

    /// What 64 pipes of it take stays below what Linux allows a user's pipes (64 MiB).
    private static final int BYTES = 512 * 1024;

    private static final @Nullable MethodHandle FCNTL = fcntl();

    private PipeSize() {}

    /// A pipe that has to stay small works all the same, with more calls.
    static void enlarge(int pipe) {
        if (FCNTL == null) {
            return;
        }
        try {
            int size = (int) FCNTL.invokeExact(pipe, F_SETPIPE_SZ, BYTES);
            LOG.debug("A pipe has {} bytes", size);
        } catch (Throwable e) {
            throw new IllegalStateException("Cannot call fcntl on pipe " + pipe, e);
        }
    }

    private static @Nullable MethodHandle fcntl() {
        var integer = ValueLayout.JAVA_INT;
        try {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("fcntl"),
                    FunctionDescriptor.of(integer, integer, integer, integer),
                    Linker.Option.firstVariadicArg(2));
        } catch (RuntimeException e) { // for example without --enable-native-access
            LOG.info("Pipes keep the size that the system gives them: {}", e.toString());
            return null;
        }
    }
}
