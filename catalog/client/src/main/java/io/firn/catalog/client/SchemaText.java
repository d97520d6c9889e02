package io.firn.catalog.client;

import java.util.List;

/// A registered schema.
///
/// @param type `AVRO`, `PROTOBUF` or `JSON`
public record SchemaText(int id, String type, String text, List<Reference> references) {
    public SchemaText {
        references = List.copyOf(references);
    }

    /// Another subject's schema, by the name that this one uses for it.
    public record Reference(String name, String subject, int version) {}
}
