package io.firn.benchmarks.report;

import io.firn.benchmarks.loads.Figure;
import io.firn.benchmarks.servers.Subject;

import java.util.List;
import java.util.Optional;

/// What one load gave. Loads can be measured again one by one, so each knows when and how.
///
/// @param shown what the tables show
/// @param rounds counted rounds
public record LoadResult(
        String name, String title, List<Figure> shown, Origin origin, int rounds, List<Row> rows) {
    /// @param date day, in ISO form
    /// @param commit Firn's commit, with `+` when the tree had changes
    /// @param command as it was typed
    public record Origin(String date, String commit, String command) {
        /// As a line below a table.
        public String line() {
            return "Measured on %s at commit %s by `%s`.".formatted(date, commit, command);
        }
    }

    Optional<Row> row(Subject subject) {
        return rows.stream().filter(row -> row.subject() == subject).findFirst();
    }
}
