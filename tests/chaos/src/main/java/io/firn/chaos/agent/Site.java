package io.firn.chaos.agent;

/// A place in a class where something is injected: every method of that name.
sealed interface Site {
    String className();

    String method();

    /// Halts the JVM at entry, or at each normal return.
    record Crash(int point, String className, String method, boolean exit) implements Site {}

    /// Throws an `IOException` at entry.
    record Fail(int point, String className, String method, String message) implements Site {}

    /// Returns another value at once: an ISO duration, or a whole number.
    record Value(String className, String method, String value) implements Site {}
}
