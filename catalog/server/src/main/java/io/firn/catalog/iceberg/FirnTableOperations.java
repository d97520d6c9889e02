package io.firn.catalog.iceberg;

import io.firn.catalog.store.CatalogStore;
import io.firn.catalog.store.commit.StaleCommitterException;
import io.firn.catalog.store.sql.BackendUnavailableException;
import io.firn.catalog.store.sql.StoreConflictException;
import io.firn.catalog.store.sql.UnknownStoreOutcomeException;
import io.firn.catalog.store.table.TableRow;

import org.apache.iceberg.BaseMetastoreTableOperations;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadata.MetadataLogEntry;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/// A table whose metadata pointer is a row in Postgres. How the pointer moves is the caller's: a
/// plain compare-and-set, or the tiering transaction. It works inside the table's own folder only
/// (C18).
public class FirnTableOperations extends BaseMetastoreTableOperations {
    /// From one metadata file to the next.
    ///
    /// @param before null when the table is new
    /// @param beforeLocation empty when the table is new
    /// @param dropped metadata files that leave the log with it, to be recorded as retired
    record Move(
            @Nullable TableMetadata before,
            String beforeLocation,
            TableMetadata after,
            String afterLocation,
            TablePrefix prefix,
            List<String> dropped) {}

    /// Moves the pointer; throws a store exception when it did not, or may not have.
    interface Swap {
        void swap(Move move);
    }

    /// Refuses what must not come into the table.
    interface Judge {
        void check(
                TablePrefix prefix,
                @Nullable TableMetadata before,
                TableMetadata after,
                FileIO files);
    }

    private static final int READ_RETRIES = 3;

    private final String name;
    private final Supplier<Optional<TableRow>> row;
    private final MetadataFiles files;
    private final Function<String, TablePrefix> newPrefix;
    private final Judge judge;
    private final RetiredObjects retired;
    private Swap swap;
    private @Nullable TableRow known;
    private FileIO io;

    /// @param newPrefix the folder of a table that is not there yet, by its location
    FirnTableOperations(
            String name,
            Supplier<CatalogStore> store,
            Supplier<Optional<TableRow>> row,
            MetadataFiles files,
            Function<String, TablePrefix> newPrefix,
            Judge judge,
            Swap swap) {
        this.name = name;
        this.row = row;
        this.files = files;
        this.newPrefix = newPrefix;
        this.judge = judge;
        this.swap = swap;
        this.retired = new RetiredObjects(store, files);
        this.io = files;
    }

    /// Commits once with another way to move the pointer.
    void commit(TableMetadata base, TableMetadata metadata, Swap once) {
        Swap usual = swap;
        swap = once;
        try {
            commit(base, metadata);
        } finally {
            swap = usual;
        }
    }

    /// As Iceberg's own, but what leaves the metadata log goes by its row in Postgres, so that a
    /// delete that fails is repeated.
    @Override
    public void commit(@Nullable TableMetadata base, TableMetadata metadata) {
        if (base != current()) {
            if (base != null) {
                throw new CommitFailedException("Cannot commit to %s: stale table metadata", name);
            }
            throw new AlreadyExistsException("Table already exists: %s", name);
        }
        if (base == metadata) {
            return;
        }
        doCommit(base, metadata);
        TableRow table = known;
        if (table != null && !dropped(base, metadata).isEmpty()) {
            retired.deleteMetadataQuietly(table.tableId(), new TablePrefix(table.prefix()));
        }
        requestRefresh();
    }

    @Override
    protected String tableName() {
        return name;
    }

    @Override
    public FileIO io() {
        return io;
    }

    @Override
    protected void doRefresh() {
        Optional<TableRow> now = row.get();
        if (now.isPresent()) {
            known = now.get();
            io = new OwnedFiles(files, new TablePrefix(now.get().prefix()));
            if (now.get().topicId() == null) {
                refreshFromMetadataLocation(
                        now.get().metadataLocation(),
                        e -> !(e instanceof BadRequestException),
                        READ_RETRIES,
                        location -> MetadataSize.read(io.newInputFile(location)));
            } else {
                refreshFromMetadataLocation(now.get().metadataLocation(), READ_RETRIES);
            }
        } else if (currentMetadataLocation() != null) {
            throw new NoSuchTableException("Table does not exist any more: %s", name);
        } else {
            disableRefresh();
        }
    }

    @Override
    protected void doCommit(@Nullable TableMetadata base, TableMetadata metadata) {
        TableRow table = known;
        TablePrefix prefix =
                base == null || table == null
                        ? newPrefix.apply(metadata.location())
                        : new TablePrefix(table.prefix());
        io = new OwnedFiles(files, prefix);
        judge.check(prefix, base, metadata, io);
        String before = base == null ? "" : String.valueOf(base.metadataFileLocation());
        boolean written = base != null || metadata.metadataFileLocation() == null;
        String after = writeNewMetadataIfRequired(base == null, metadata);
        try {
            swap.swap(new Move(base, before, metadata, after, prefix, dropped(base, metadata)));
        } catch (UnknownStoreOutcomeException e) {
            throw new CommitStateUnknownException(e); // C3: nothing is cleaned up
        } catch (StoreConflictException | BackendUnavailableException | StaleCommitterException e) {
            // Nothing was changed, so nothing can name the file that was written for it.
            if (written && table != null) {
                retired.discard(table.tableId(), prefix, List.of(after));
            }
            throw new CommitFailedException(e, "Cannot commit to %s: %s", name, e.getMessage());
        } catch (ForbiddenException | AlreadyExistsException e) {
            // Somebody took the name or the folder just now; a file with a random name is left.
            if (written) {
                retired.delete(List.of(after), prefix);
            }
            throw e;
        }
    }

    private static List<String> dropped(@Nullable TableMetadata base, TableMetadata metadata) {
        if (base == null
                || !metadata.propertyAsBoolean(
                        TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED,
                        TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED_DEFAULT)) {
            return List.of();
        }
        Set<String> kept = new HashSet<>();
        metadata.previousFiles().forEach(entry -> kept.add(entry.file()));
        return base.previousFiles().stream()
                .map(MetadataLogEntry::file)
                .filter(file -> !kept.contains(file))
                .toList();
    }
}
