package io.firn.benchmarks.servers;

/// CPU time of processes since they started, or between two looks at them.
///
/// @param seconds user and kernel time of all threads but the JIT compiler's
/// @param kernelSeconds the kernel's part of it
/// @param jitSeconds what the JIT compiler's threads took beside it
public record CpuTime(double seconds, double kernelSeconds, double jitSeconds) {
    static final CpuTime NONE = new CpuTime(0, 0, 0);

    CpuTime plus(CpuTime other) {
        return new CpuTime(
                seconds + other.seconds,
                kernelSeconds + other.kernelSeconds,
                jitSeconds + other.jitSeconds);
    }

    public CpuTime since(CpuTime before) {
        return new CpuTime(
                seconds - before.seconds,
                kernelSeconds - before.kernelSeconds,
                jitSeconds - before.jitSeconds);
    }
}
