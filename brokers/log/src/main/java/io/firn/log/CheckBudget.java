package io.firn.log;

/// How much of a client's records a thread may look at, in unpacked bytes: a few kilobytes may
/// unpack to a thousand times as many, and an event loop has no time for that (G12). Confined to
/// one thread.
public final class CheckBudget {
    /// There is more to look at than was allowed; nothing was done with the batches in question.
    public static final class SpentException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SpentException(String message) {
            super(message, null, false, false);
        }
    }

    private final long most;
    private long spent;

    private CheckBudget(long most) {
        this.most = most;
    }

    public static CheckBudget of(long bytes) {
        return new CheckBudget(bytes);
    }

    /// Bounded by what one batch may unpack to, and nothing else; counts.
    public static CheckBudget unlimited() {
        return new CheckBudget(Long.MAX_VALUE);
    }

    public long spent() {
        return spent;
    }

    public long left() {
        return most - spent;
    }

    /// @throws SpentException if there is not so much left
    public void spend(long bytes) {
        if (bytes > left()) {
            throw exhausted();
        }
        spent += bytes;
    }

    public SpentException exhausted() {
        return new SpentException("Batches unpack to more than %d bytes".formatted(most));
    }
}
