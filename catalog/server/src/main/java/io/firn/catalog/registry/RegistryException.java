package io.firn.catalog.registry;

/// An error in Confluent's terms: its body is `{"error_code": code, "message": ...}`.
public final class RegistryException extends RuntimeException {
    private final int code;

    RegistryException(int code, String message) {
        super(message);
        this.code = code;
    }

    public int code() {
        return code;
    }

    /// Confluent's codes begin with the HTTP status: 40401 is a 404.
    public int status() {
        return code > 999 ? code / 100 : code;
    }
}
