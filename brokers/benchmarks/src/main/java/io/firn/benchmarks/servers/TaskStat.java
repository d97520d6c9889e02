package io.firn.benchmarks.servers;

/// One line of `/proc/<pid>/stat` or `/proc/<pid>/task/<tid>/stat`.
///
/// @param name the command or thread name, cut to 15 characters by the kernel
/// @param userTicks CPU time in user mode, in clock ticks
/// @param kernelTicks CPU time in the kernel, in clock ticks
record TaskStat(String name, long userTicks, long kernelTicks) {
    /// `USER_HZ`: what `/proc` counts in, 100 a second on every Linux architecture we run on.
    static final double TICKS_PER_SECOND = 100;

    private static final int USER_TIME = 11;
    private static final int KERNEL_TIME = 12;

    /// The name may hold spaces and parentheses, so the fields are counted from its last `)`.
    static TaskStat parse(String line) {
        int open = line.indexOf('(');
        int close = line.lastIndexOf(')');
        if (open < 0 || close < open) {
            throw new IllegalArgumentException("Not a line of /proc/<pid>/stat: " + line);
        }
        String[] fields = line.substring(close + 2).split(" ");
        return new TaskStat(
                line.substring(open + 1, close),
                Long.parseLong(fields[USER_TIME]),
                Long.parseLong(fields[KERNEL_TIME]));
    }

    /// Whether this thread compiles bytecode.
    boolean compiles() {
        return name.startsWith("C1 Compiler") || name.startsWith("C2 Compiler");
    }

    double seconds() {
        return (userTicks + kernelTicks) / TICKS_PER_SECOND;
    }
}
