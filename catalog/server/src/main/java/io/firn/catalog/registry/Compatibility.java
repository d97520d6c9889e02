package io.firn.catalog.registry;

import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Confluent's compatibility levels for Avro.
enum Compatibility {
    NONE,
    BACKWARD,
    BACKWARD_TRANSITIVE,
    FORWARD,
    FORWARD_TRANSITIVE,
    FULL,
    FULL_TRANSITIVE;

    static Compatibility of(String name) {
        try {
            return valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new RegistryException(
                    42203,
                    "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive");
        }
    }

    /// Why `schema` may not follow `earlier`; empty when it may.
    ///
    /// @param earlier ascending by version
    List<String> incompatibilities(Schema schema, List<Schema> earlier) {
        List<String> incompatibilities = new ArrayList<>();
        if (this == NONE || earlier.isEmpty()) {
            return incompatibilities;
        }
        boolean all = name().endsWith("_TRANSITIVE");
        for (Schema before : all ? earlier : List.of(earlier.getLast())) {
            if (!name().startsWith("FORWARD")) {
                check(incompatibilities, "reader", schema, before);
            }
            if (!name().startsWith("BACKWARD")) {
                check(incompatibilities, "writer", before, schema);
            }
        }
        return incompatibilities;
    }

    private static void check(
            List<String> incompatibilities, String role, Schema reader, Schema writer) {
        var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
        if (result.getType() != SchemaCompatibilityType.COMPATIBLE) {
            result.getResult()
                    .getIncompatibilities()
                    .forEach(
                            i ->
                                    incompatibilities.add(
                                            "new schema as %s: %s at %s: %s"
                                                    .formatted(
                                                            role,
                                                            i.getType(),
                                                            i.getLocation(),
                                                            i.getMessage())));
        }
    }
}
