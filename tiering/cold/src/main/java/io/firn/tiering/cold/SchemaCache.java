package io.firn.tiering.cold;

import io.firn.catalog.client.CatalogClient;
import io.firn.tiering.table.column.SchemaLookup;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/// Registry schemas by id. A known one never changes; that there is none of an id is believed for
/// a little while only.
public final class SchemaCache implements SchemaLookup {
    private static final long BELIEVED_NANOS = Duration.ofSeconds(10).toNanos();
    private static final int MOST = 10_000;

    private record Known(Optional<String> text, long atNanos) {}

    private final CatalogClient catalog;
    private final LongSupplier nanos;
    private final ConcurrentHashMap<Integer, Known> known = new ConcurrentHashMap<>();

    public SchemaCache(CatalogClient catalog, LongSupplier nanos) {
        this.catalog = catalog;
        this.nanos = nanos;
    }

    @Override
    public Optional<String> avroText(int schemaId) {
        Known there = known.get(schemaId);
        if (there != null
                && (there.text.isPresent() || nanos.getAsLong() - there.atNanos < BELIEVED_NANOS)) {
            return there.text;
        }
        Optional<String> text =
                catalog.schema(schemaId).filter(s -> s.type().equals("AVRO")).map(s -> s.text());
        if (known.size() >= MOST) {
            known.clear();
        }
        known.put(schemaId, new Known(text, nanos.getAsLong()));
        return text;
    }
}
