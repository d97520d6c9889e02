package io.firn.catalog.registry;

import java.util.Locale;

/// What may be changed in a subject, or in all of them.
enum Mode {
    READWRITE,
    READONLY,
    /// As `READONLY`, over whatever the subjects say themselves.
    READONLY_OVERRIDE,
    /// Schemas come with the ids and numbers that another registry gave them.
    IMPORT;

    static Mode of(String name) {
        try {
            return valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new RegistryException(
                    42204,
                    "Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE and IMPORT.");
        }
    }

    /// A subject's mode in effect.
    static Mode inEffect(Mode everywhere, Mode own) {
        return everywhere == READONLY_OVERRIDE ? everywhere : own;
    }

    /// @param imported whether the schema brings an id
    void checkRegister(String subject, boolean imported) {
        checkWrite(subject);
        if (imported && this != IMPORT) {
            throw RegistryException.notPermitted(
                    "Subject %s is not in import mode".formatted(subject));
        }
        if (!imported && this != READWRITE) {
            throw RegistryException.notPermitted(
                    "Subject %s is not in read-write mode".formatted(subject));
        }
    }

    void checkWrite(String subject) {
        if (this == READONLY || this == READONLY_OVERRIDE) {
            throw RegistryException.notPermitted(
                    "Subject %s is in read-only mode".formatted(subject));
        }
    }
}
