package io.firn.tiering.table.file;

/// Bytes are not what they should be: nothing of them may be served or written on.
public final class CorruptFileException extends RuntimeException {
    public CorruptFileException(String message) {
        super(message);
    }

    public CorruptFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
