package io.firn.benchmarks.loads;

/// What a `firn standalone` may hold in its steady state: a fixed part and so much for one of each
/// thing that clients make it keep. `docs/operating/memory.md` states the same figures and how they
/// were measured; the soak fails when the server holds more.
///
/// @param connections of clients, through the gateway
/// @param idlePartitions that have no open files
/// @param openPartitions whose files are open
/// @param inFlight requests that wait or are worked on at the same time
public record MemoryBudget(int connections, int idlePartitions, int openPartitions, int inFlight) {
    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;

    /// Classes, controller, catalog, embedded S3, metrics and pools, with an idle server's figure
    /// doubled, and the cold cache (a sixteenth of the heap, 64 MiB of 1 GiB).
    static final long HEAP_FIXED = 256 * MIB;

    static final long HEAP_CONNECTION = 16 * KIB;
    static final long HEAP_IDLE_PARTITION = 3 * KIB;
    static final long HEAP_OPEN_PARTITION = 48 * KIB;
    static final long HEAP_REQUEST = 32 * KIB;

    /// Segment buffers (an eighth of the heap, at most 128 MiB), the log thread's staging, Netty's
    /// arenas of gateway, broker and S3, and requests on their way within the byte budget.
    static final long DIRECT_FIXED = 320 * MIB;

    static final long DIRECT_CONNECTION = 8 * KIB;
    static final long DIRECT_OPEN_PARTITION = 16 * KIB;
    static final long DIRECT_REQUEST = 64 * KIB;

    /// Live heap, right after a collection.
    public long heapBytes() {
        return HEAP_FIXED
                + HEAP_CONNECTION * connections
                + HEAP_IDLE_PARTITION * (idlePartitions + openPartitions)
                + HEAP_OPEN_PARTITION * openPartitions
                + HEAP_REQUEST * inFlight;
    }

    /// Buffers outside the heap.
    public long directBytes() {
        return DIRECT_FIXED
                + DIRECT_CONNECTION * connections
                + DIRECT_OPEN_PARTITION * openPartitions
                + DIRECT_REQUEST * inFlight;
    }
}
