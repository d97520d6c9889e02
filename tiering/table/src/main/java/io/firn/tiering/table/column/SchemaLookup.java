package io.firn.tiering.table.column;

import java.util.Optional;

/// Where the text of a registry schema comes from: the catalog's client, or a map in a test.
@FunctionalInterface
public interface SchemaLookup {
    /// No registry at all: every value stays raw.
    SchemaLookup NONE = id -> Optional.empty();

    /// Avro schema text (JSON, references already inlined) of a registry id, or empty when the
    /// registry has no such id or it is of another type. Throws when the registry cannot be asked
    /// now: an unknown id makes rows raw for ever.
    Optional<String> avroText(int schemaId);
}
