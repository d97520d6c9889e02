package io.firn.log;

/// Faults that were found and mended, to be brought back by tests, which prove with them that they
/// would find them (`PlantedBugsTest`). Nothing but a test in this package can plant one.
public enum Planted {
    /// Opening a log that was closed takes its name away, and a folder without a name is taken for
    /// an empty log (A1).
    OPENED_IS_FORGOTTEN,
    /// A suspect or broken log is forgotten by the second start (A2).
    SUSPECT_IS_FORGOTTEN,
    /// A partition that was deleted stays deleted at recovery, though it was made again (A3).
    DELETED_FOR_GOOD
}
