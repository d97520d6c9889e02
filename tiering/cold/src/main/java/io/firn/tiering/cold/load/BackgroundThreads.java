package io.firn.tiering.cold.load;

import io.firn.tiering.cold.OwnThread;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Threads that fetch and decode for readers of the past, which takes whole processors. The system
/// runs them only as far as nobody else wants a processor (`nice` 10, on Linux), so a backfill does
/// not make producers and hot readers wait. Encoding is not among them ([OwnThread]): it has to
/// keep up with produce on a machine that is busy all the time. Who waits here is a virtual thread;
/// how many do is bounded by its caller.
public final class BackgroundThreads {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundThreads.class);
    private static final int PRIO_PROCESS = 0;
    private static final int CALLING_THREAD = 0;
    private static final int NICE = 10;
    private static final long IDLE_SECONDS = 30;
    private static final @Nullable MethodHandle SET_PRIORITY = setPriority();

    private final ThreadPoolExecutor threads;

    /// @param most at once; they end when they have had nothing to do for a while
    public BackgroundThreads(String name, int most) {
        var daemons = Thread.ofPlatform().daemon().name(name + "-", 0).factory();
        this.threads =
                new ThreadPoolExecutor(
                        most,
                        most,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        task ->
                                daemons.newThread(
                                        () -> {
                                            beNice();
                                            task.run();
                                        }));
        threads.allowCoreThreadTimeOut(true);
    }

    /// Does the work on one of the threads and waits for it.
    ///
    /// @throws InterruptedException while it waits; the work itself is not disturbed
    <T> T await(Supplier<T> work) throws InterruptedException {
        return OwnThread.result(CompletableFuture.supplyAsync(work, threads));
    }

    /// How many more works could begin at once.
    int spare() {
        return threads.getMaximumPoolSize() - threads.getActiveCount() - threads.getQueue().size();
    }

    private static void beNice() {
        if (SET_PRIORITY == null) {
            return;
        }
        try {
            int failed = (int) SET_PRIORITY.invokeExact(PRIO_PROCESS, CALLING_THREAD, NICE);
            LOG.debug("Background thread: setpriority answered {}", failed);
        } catch (Throwable e) {
            throw new IllegalStateException("Cannot call setpriority", e);
        }
    }

    private static @Nullable MethodHandle setPriority() {
        if (!System.getProperty("os.name").equals("Linux")) { // elsewhere it means the process
            return null;
        }
        var integer = ValueLayout.JAVA_INT;
        try {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().findOrThrow("setpriority"),
                    FunctionDescriptor.of(integer, integer, integer, integer));
        } catch (RuntimeException e) { // for example without --enable-native-access
            LOG.info("Background work runs at the usual priority: {}", e.toString());
            return null;
        }
    }
}
