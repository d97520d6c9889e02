package io.firn.chaos.fault;

/// A disk error that the agent can inject: an `IOException` with this message from this method.
public enum Fault {
    JOURNAL_WRITE("io.firn.log.journal.JournalFile", "write", "Input/output error"),
    JOURNAL_FULL("io.firn.log.journal.JournalFile", "write", "No space left on device"),
    SEGMENT_APPEND(
            "org.apache.kafka.common.record.internal.FileRecords", "append", "Input/output error"),
    SEGMENT_WRITE("io.firn.log.segment.SegmentChannel", "writeOut", "Input/output error"),
    SEGMENT_FULL("io.firn.log.segment.SegmentChannel", "writeOut", "No space left on device"),
    SEGMENT_FLUSH("io.firn.log.segment.SegmentChannel", "force", "Input/output error"),
    CHECKPOINT_WRITE("io.firn.log.directory.ManifestFile", "append", "Input/output error");

    final String className;
    final String method;
    final String message;

    Fault(String className, String method, String message) {
        this.className = className;
        this.method = method;
        this.message = message;
    }

    public String point() {
        return "fault." + name();
    }

    public String line() {
        return "fail\t%s\t%s\t%s\t%s".formatted(point(), className, method, message);
    }
}
