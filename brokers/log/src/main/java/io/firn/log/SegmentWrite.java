package io.firn.log;

/// How the bytes of active segments reach their file (HOT-PATH §6).
public enum SegmentWrite {
    /// Gathered in memory and written with O_DIRECT: no fresh page-cache page for each 4 KiB.
    DIRECT,

    /// As Kafka does: written through the page cache at once.
    BUFFERED
}
