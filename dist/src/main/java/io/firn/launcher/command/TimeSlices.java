package io.firn.launcher.command;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Short time slices for a server's threads (Linux 6.12 and newer, `sched_setattr(2)`), so that a
/// thread that wakes up for a request need not wait until one that computes has used up its own.
/// Threads inherit them from who starts them; those of the virtual machine (compiler, collector)
/// are older than `main` and keep the usual ones, and so are preempted.
public final class TimeSlices {
    private static final Logger LOG = LoggerFactory.getLogger(TimeSlices.class);
    private static final long SHORT_NANOS = 100_000; // the kernel takes no less

    private static final int CALLING_THREAD = 0;
    private static final int SCHED_OTHER = 0;
    private static final int NO_FLAGS = 0;

    /// `struct sched_attr`, first version. Its runtime is the slice of a usual thread.
    private static final MemoryLayout ATTRIBUTES =
            MemoryLayout.structLayout(
                    ValueLayout.JAVA_INT.withName("size"),
                    ValueLayout.JAVA_INT.withName("policy"),
                    ValueLayout.JAVA_LONG.withName("flags"),
                    ValueLayout.JAVA_INT.withName("nice"),
                    ValueLayout.JAVA_INT.withName("priority"),
                    ValueLayout.JAVA_LONG.withName("runtime"),
                    ValueLayout.JAVA_LONG.withName("deadline"),
                    ValueLayout.JAVA_LONG.withName("period"));

    private static final int SIZE = (int) ATTRIBUTES.byteSize();
    private static final long POLICY = offset("policy");
    private static final long RUNTIME = offset("runtime");

    /// The calls' numbers, which differ by processor.
    private record Calls(MethodHandle syscall, long set, long get) {}

    private TimeSlices() {}

    /// For the calling thread and all that it and its descendants start. Where the system cannot do
    /// it, nothing changes.
    public static void shorten() {
        set(SHORT_NANOS);
    }

    public static void set(long nanos) {
        Calls calls = calls();
        if (calls == null) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTRIBUTES);
            if (read(calls, attributes)
                    && attributes.get(ValueLayout.JAVA_INT, POLICY) == SCHED_OTHER) {
                attributes.set(ValueLayout.JAVA_LONG, RUNTIME, nanos);
                long failed =
                        (long)
                                calls.syscall()
                                        .invokeExact(
                                                calls.set(),
                                                CALLING_THREAD,
                                                attributes,
                                                NO_FLAGS,
                                                0);
                LOG.debug("sched_setattr answered {}", failed);
            }
        } catch (Throwable e) {
            throw new IllegalStateException("Cannot call sched_setattr", e);
        }
    }

    /// Of the calling thread, in nanoseconds; 0 when the system does not tell.
    public static long nanos() {
        Calls calls = calls();
        if (calls == null) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ATTRIBUTES);
            return read(calls, attributes) ? attributes.get(ValueLayout.JAVA_LONG, RUNTIME) : 0;
        } catch (Throwable e) {
            throw new IllegalStateException("Cannot call sched_getattr", e);
        }
    }

    private static boolean read(Calls calls, MemorySegment attributes) throws Throwable {
        return 0
                == (long)
                        calls.syscall()
                                .invokeExact(
                                        calls.get(), CALLING_THREAD, attributes, SIZE, NO_FLAGS);
    }

    private static @Nullable Calls calls() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return null;
        }
        MethodHandle syscall = syscall();
        if (syscall == null) {
            return null;
        }
        return switch (System.getProperty("os.arch")) {
            case "amd64" -> new Calls(syscall, 314, 315);
            case "aarch64", "riscv64" -> new Calls(syscall, 274, 275);
            default -> null;
        };
    }

    private static @Nullable MethodHandle syscall() {
        var word = ValueLayout.JAVA_LONG;
        var integer = ValueLayout.JAVA_INT;
        try {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("syscall"),
                    FunctionDescriptor.of(
                            word, word, integer, ValueLayout.ADDRESS, integer, integer),
                    Linker.Option.firstVariadicArg(1));
        } catch (RuntimeException e) { // for example without --enable-native-access
            LOG.info("Threads keep their usual time slices: {}", e.toString());
            return null;
        }
    }

    private static long offset(String field) {
        return ATTRIBUTES.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }
}
