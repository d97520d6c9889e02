package io.firn.benchmarks.loads;

import io.firn.benchmarks.servers.Subject;

import java.util.List;
import java.util.Map;

/// Something that a server is asked to do while it is measured. The runner prepares it for every
/// subject, runs it for all subjects in turn, round after round, and then lets it clean up.
public interface Load {
    /// As `--only` takes it.
    String name();

    /// What it is, in a line.
    String title();

    /// What is measured, Apache Kafka first.
    List<Subject> subjects();

    /// What the tables show of it; the results file keeps everything.
    List<Figure> shown();

    /// Whether a run wants a full page cache before it.
    default boolean fillsPageCache() {
        return true;
    }

    /// Once for each subject, before its first run.
    default void prepare(Session session, Subject subject) {}

    /// One run.
    Map<Figure, Double> run(Session session, Subject subject, int round);

    /// Once for each subject, after its last run.
    default void finish(Session session, Subject subject) {}
}
