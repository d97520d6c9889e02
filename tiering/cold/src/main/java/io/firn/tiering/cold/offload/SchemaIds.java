package io.firn.tiering.cold.offload;

import io.firn.tiering.table.batch.ValuePrefixes;
import io.firn.tiering.table.column.SchemaLookup;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/// Which registry schemas a range's values name by Confluent's prefix (a zero byte and four of id).
final class SchemaIds {
    /// Data that only looks like a prefix must not make us ask the registry for ever.
    private static final int MOST_UNKNOWN = 64;

    private final SchemaLookup schemas;
    private final Set<Integer> known = new HashSet<>();
    private final Set<Integer> unknown = new HashSet<>();
    private int last = -1;

    private SchemaIds(SchemaLookup schemas) {
        this.schemas = schemas;
    }

    /// The ids that the registry really has.
    static Set<Integer> known(Iterable<ByteBuffer> batches, SchemaLookup schemas) {
        var ids = new SchemaIds(schemas);
        var prefixes = new ValuePrefixes();
        for (ByteBuffer some : batches) {
            prefixes.forEach(some, ids::add);
        }
        return ids.known;
    }

    private void add(int id) {
        if (id == last || id < 0 || known.contains(id) || unknown.contains(id)) {
            return;
        }
        last = id;
        if (unknown.size() < MOST_UNKNOWN) {
            (schemas.avroText(id).isPresent() ? known : unknown).add(id);
        }
    }
}
