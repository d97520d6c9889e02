package io.firn.catalog.iceberg;

import io.firn.catalog.store.table.TableRow;
import io.micrometer.core.instrument.MeterRegistry;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// Tables of which nothing is deleted, since Postgres has forgotten commits of theirs (C16).
final class HeldTables {
    private static final Logger LOG = LoggerFactory.getLogger(HeldTables.class);

    private final Set<UUID> held = ConcurrentHashMap.newKeySet();

    HeldTables(MeterRegistry metrics) {
        metrics.gauge("firn.catalog.forgotten.tables", held, Set::size);
    }

    boolean contains(TableRow table) {
        return held.contains(table.tableId());
    }

    void hold(TableRow table, String why) {
        if (held.add(table.tableId())) {
            LOG.error(
                    "Postgres has forgotten commits of table {}.{}: {}. Nothing of the table is deleted any more, neither files nor metadata. Restore the catalog's database to its latest state; if what it forgot is given up, delete these metadata files from {}/metadata/.",
                    table.namespace(),
                    table.name(),
                    why,
                    table.prefix());
        }
    }

    void release(TableRow table) {
        if (held.remove(table.tableId())) {
            LOG.warn(
                    "Postgres knows all commits of table {}.{} again: deletions go on",
                    table.namespace(),
                    table.name());
        }
    }
}
