package io.firn.launcher.command;

import io.firn.protocol.CloseStack;
import io.firn.protocol.CloseStack.ClosedException;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/// What a signal to the process does.
final class StopSignal {
    private StopSignal() {}

    /// Starts parts so that a signal closes those that are up, also while others are still
    /// starting: the hook runs in a thread of its own, and the JVM ends when it returns.
    ///
    /// @throws ClosedException when the signal came first; what failed because of it is no error
    static <T> T startUntilSignal(CloseStack parts, Supplier<T> start) {
        AtomicBoolean signalled = new AtomicBoolean();
        Runnable stop =
                () -> {
                    signalled.set(true);
                    parts.close();
                };
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(stop, "firn-stop"));
        } catch (IllegalStateException e) {
            throw new ClosedException("the process is ending");
        }
        try {
            return start.get();
        } catch (RuntimeException | Error e) {
            if (signalled.get()) {
                throw new ClosedException("the process was told to stop");
            }
            throw e;
        }
    }
}
