package io.firn.benchmarks.servers;

import io.firn.benchmarks.BenchException;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/// Reads CPU time and memory of processes from `/proc`.
public final class ProcessFigures {
    private static final int STEAL = 8; // proc_stat(5): "cpu" and nine figures

    private final Path proc;

    public ProcessFigures() {
        this(Path.of("/proc"));
    }

    ProcessFigures(Path proc) {
        this.proc = proc;
    }

    /// CPU time of all these processes together. The process's own counter still holds the time of
    /// threads that have ended, which the sum over its tasks does not; the JIT's are taken off it
    /// (servers run with a fixed number of them, so none ends).
    public CpuTime cpu(List<Long> pids) {
        CpuTime sum = CpuTime.NONE;
        for (long pid : pids) {
            sum = sum.plus(cpu(pid));
        }
        return sum;
    }

    /// How long all processors together waited for the host of a virtual machine since it started,
    /// in seconds: what was measured meanwhile says more of the neighbours than of the servers.
    public double stolenSeconds() {
        Path file = proc.resolve("stat");
        try {
            String[] all = Files.readString(file).lines().findFirst().orElse("").split(" +");
            return all.length > STEAL ? Long.parseLong(all[STEAL]) / TaskStat.TICKS_PER_SECOND : 0;
        } catch (IOException e) {
            throw new BenchException("Cannot read %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /// Resident memory of these processes in bytes.
    public long residentBytes(List<Long> pids) {
        long sum = 0;
        for (long pid : pids) {
            sum += residentBytes(pid);
        }
        return sum;
    }

    private CpuTime cpu(long pid) {
        Path folder = proc.resolve(Long.toString(pid));
        try {
            TaskStat whole = TaskStat.parse(Files.readString(folder.resolve("stat")));
            double jit = 0;
            double jitKernel = 0;
            try (DirectoryStream<Path> tasks = Files.newDirectoryStream(folder.resolve("task"))) {
                for (Path task : tasks) {
                    TaskStat stat = stat(task);
                    if (stat.compiles()) {
                        jit += stat.seconds();
                        jitKernel += stat.kernelTicks() / TaskStat.TICKS_PER_SECOND;
                    }
                }
            }
            return new CpuTime(
                    whole.seconds() - jit,
                    whole.kernelTicks() / TaskStat.TICKS_PER_SECOND - jitKernel,
                    jit);
        } catch (IOException e) {
            throw new BenchException(
                    "Cannot read the CPU time of process %d (%s): it has ended".formatted(pid, e),
                    e);
        }
    }

    /// A thread may end between the listing and the look.
    private static TaskStat stat(Path task) throws IOException {
        try {
            return TaskStat.parse(Files.readString(task.resolve("stat")));
        } catch (NoSuchFileException e) {
            return new TaskStat("", 0, 0);
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("No such process")) {
                return new TaskStat("", 0, 0);
            }
            throw e;
        }
    }

    private long residentBytes(long pid) {
        try {
            for (String line :
                    Files.readAllLines(proc.resolve(Long.toString(pid)).resolve("status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
                }
            }
            return 0;
        } catch (IOException e) {
            throw new BenchException(
                    "Cannot read the memory of process %d (%s): it has ended".formatted(pid, e), e);
        }
    }
}
