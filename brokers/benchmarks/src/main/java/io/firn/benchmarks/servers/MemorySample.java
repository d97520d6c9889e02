package io.firn.benchmarks.servers;

/// What a Firn process held at one moment.
///
/// @param heapBytes live objects: used heap right after a full collection
/// @param directBytes memory outside the heap that buffers hold, Netty's and the JDK's together
/// @param residentBytes as the system counts the process
/// @param threads of the system, JIT and GC included
/// @param files open file descriptors, sockets included
/// @param openLogs partitions whose files are open
public record MemorySample(
        long heapBytes,
        long directBytes,
        long residentBytes,
        int threads,
        int files,
        int openLogs) {}
