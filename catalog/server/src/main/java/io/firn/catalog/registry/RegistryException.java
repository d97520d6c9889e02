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

    static RegistryException noSubject(String subject) {
        return new RegistryException(40401, "Subject '%s' not found.".formatted(subject));
    }

    static RegistryException noVersion(String version) {
        return new RegistryException(40402, "Version %s not found.".formatted(version));
    }

    public static RegistryException noSchema(int id) {
        return new RegistryException(40403, "Schema %d not found".formatted(id));
    }

    static RegistryException invalidSchema(String details) {
        return new RegistryException(42201, details);
    }

    static RegistryException notPermitted(String why) {
        return new RegistryException(42205, why);
    }
}
