package io.firn.tiering.table.file;

/// What of a record or batch has no place in its columns. Each costs its own cell and never a
/// neighbour's, and what the log held comes back all the same (C15, C19).
public enum Flaw {
    TIMESTAMP(
            "timestamp",
            "timestamps outside the years 1 to 9999: the column has the nearest one, _kafka_timestamp_ms the exact milliseconds"),
    HEADER_NAME(
            "header-name",
            "header names that are not UTF-8: shown with replacement characters, their bytes are in _kafka_headers_raw"),
    VALUE_WITHOUT_COLUMNS(
            "value-without-columns",
            "values whose prefix names a schema that has no columns: in _kafka_value_raw"),
    VALUE_UNREADABLE(
            "value-unreadable",
            "values that do not decode with the schema they name: in _kafka_value_raw"),
    VALUE_OTHER_BYTES(
            "value-other-bytes",
            "values whose columns do not give back their bytes, which are in _kafka_value_raw beside them"),
    VALUE_MISFIT(
            "value-misfit",
            "values of which a part does not fit its column: that cell is null, or text with replacement characters"),
    LARGE_CELL(
            "large-cell",
            "keys, values or headers that are too large for a cell: null, and in the batch's bytes only"),
    OTHER_RECORD_BYTES(
            "other-record-bytes",
            "batches whose records are written in another way than Kafka's clients do: kept whole beside their rows"),
    LARGE_BATCH(
            "large-batch",
            "batches that are too large for one row group: kept whole beside their rows"),
    BROKEN_BATCH("broken-batch", "batches that no consumer can read: kept whole, without rows"),
    BOMB(
            "bomb",
            "batches that say they hold more than a batch can, or than a range may: kept whole, without rows");

    private final String label;
    private final String text;

    Flaw(String label, String text) {
        this.label = label;
        this.text = text;
    }

    /// Its name in metrics.
    public String label() {
        return label;
    }

    /// What it is, and where the data is found.
    public String text() {
        return text;
    }
}
