package io.firn.log.batch;

/// Of whoever appends: batches are checked on their senders' threads, in parallel.
public final class BatchChecks {
    private final ThreadLocal<BatchCheck> checks = ThreadLocal.withInitial(BatchCheck::new);
    private final ThreadLocal<BatchRewriter> rewriters =
            ThreadLocal.withInitial(BatchRewriter::new);

    public BatchCheck check() {
        return checks.get();
    }

    public BatchRewriter rewriter() {
        return rewriters.get();
    }
}
