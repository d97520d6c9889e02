package io.firn.benchmarks.profile;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;

import io.firn.benchmarks.BenchException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// async-profiler in another JVM: it is loaded there through the attach API, from the library that
/// its jar on Maven Central holds.
public final class Profiler {
    private final Path library;

    /// @param folder where the library is unpacked; it has to stay while it is in use
    public Profiler(Path folder) {
        String machine =
                System.getProperty("os.arch").equals("aarch64") ? "linux-arm64" : "linux-x64";
        String name = "/%s/libasyncProfiler.so".formatted(machine);
        this.library = folder.resolve("libasyncProfiler.so").toAbsolutePath();
        try (InputStream in = Profiler.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new BenchException("async-profiler has no library " + name);
            }
            Files.copy(in, library, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new BenchException(
                    "Cannot unpack async-profiler to %s: %s".formatted(folder, e), e);
        }
    }

    /// Begins to sample CPU, kernel stacks too where the machine allows it.
    public void start(long pid) {
        command(pid, "start,event=cpu,interval=1ms,threads");
    }

    /// Ends it and writes both forms.
    ///
    /// @param collapsed one line a stack, for [Shares]
    /// @param flameGraph for the eye
    public void stop(long pid, Path collapsed, Path flameGraph) {
        command(pid, "stop,file=%s,collapsed".formatted(collapsed.toAbsolutePath()));
        command(pid, "dump,file=%s,flamegraph".formatted(flameGraph.toAbsolutePath()));
    }

    private void command(long pid, String command) {
        try {
            VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
            try {
                machine.loadAgentPath(library.toString(), command);
            } finally {
                machine.detach();
            }
        } catch (AttachNotSupportedException
                | IOException
                | AgentLoadException
                | AgentInitializationException e) {
            throw new BenchException(
                    "Cannot profile process %d (%s): %s".formatted(pid, command, e), e);
        }
    }
}
