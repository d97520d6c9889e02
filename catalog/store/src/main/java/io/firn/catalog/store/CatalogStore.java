package io.firn.catalog.store;

import io.firn.catalog.store.commit.CommitStore;
import io.firn.catalog.store.lease.LeaseStore;
import io.firn.catalog.store.schema.SchemaStore;
import io.firn.catalog.store.segment.ColdIndexStore;
import io.firn.catalog.store.segment.OrphanStore;
import io.firn.catalog.store.segment.SegmentStore;
import io.firn.catalog.store.sql.Database;
import io.firn.catalog.store.sql.StoreConfig;
import io.firn.catalog.store.table.RetiredStore;
import io.firn.catalog.store.table.TableStore;
import io.firn.catalog.store.table.TopicStore;

/// The catalog's Postgres, by subject.
public final class CatalogStore implements AutoCloseable {
    private final Database database;
    private final TableStore tables;
    private final TopicStore topics;
    private final SegmentStore segments;
    private final ColdIndexStore coldIndex;
    private final CommitStore commits;
    private final LeaseStore leases;
    private final SchemaStore schemas;
    private final OrphanStore orphans;
    private final RetiredStore retired;

    private CatalogStore(Database database) {
        this.database = database;
        this.tables = new TableStore(database);
        this.topics = new TopicStore(database);
        this.segments = new SegmentStore(database);
        this.coldIndex = new ColdIndexStore(database);
        this.commits = new CommitStore(database);
        this.leases = new LeaseStore(database);
        this.schemas = new SchemaStore(database);
        this.orphans = new OrphanStore(database);
        this.retired = new RetiredStore(database);
    }

    /// Connects and brings the schema up to date.
    ///
    /// @throws BackendUnavailableException when Postgres does not answer
    public static CatalogStore open(StoreConfig config) {
        return new CatalogStore(Database.open(config));
    }

    public TableStore tables() {
        return tables;
    }

    public TopicStore topics() {
        return topics;
    }

    public SegmentStore segments() {
        return segments;
    }

    public ColdIndexStore coldIndex() {
        return coldIndex;
    }

    public CommitStore commits() {
        return commits;
    }

    public LeaseStore leases() {
        return leases;
    }

    public SchemaStore schemas() {
        return schemas;
    }

    public OrphanStore orphans() {
        return orphans;
    }

    public RetiredStore retired() {
        return retired;
    }

    /// True when Postgres answers now.
    public boolean answers() {
        return database.answers();
    }

    @Override
    public void close() {
        database.close();
    }
}
