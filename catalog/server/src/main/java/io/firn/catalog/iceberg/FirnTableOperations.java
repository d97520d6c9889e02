package io.firn.catalog.iceberg;

import io.firn.catalog.store.StaleCommitterException;
import io.firn.catalog.store.StoreConflictException;
import io.firn.catalog.store.StoreUnavailableException;
import io.firn.catalog.store.TableRow;
import io.firn.catalog.store.UnknownStoreOutcomeException;

import org.apache.iceberg.BaseMetastoreTableOperations;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

import java.util.Optional;
import java.util.function.Supplier;

/// A table whose metadata pointer is a row in Postgres. How the pointer moves is the caller's: a
/// plain compare-and-set, or the tiering transaction.
public class FirnTableOperations extends BaseMetastoreTableOperations {
    /// Moves the pointer; throws a store exception when it did not, or may not have.
    interface Swap {
        /// @param before null when the table is new
        void swap(
                @Nullable TableMetadata before,
                String beforeLocation,
                TableMetadata after,
                String afterLocation);
    }

    private final String name;
    private final Supplier<Optional<TableRow>> row;
    private final FileIO io;
    private Swap swap;

    FirnTableOperations(String name, Supplier<Optional<TableRow>> row, FileIO io, Swap swap) {
        this.name = name;
        this.row = row;
        this.io = io;
        this.swap = swap;
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
            refreshFromMetadataLocation(now.get().metadataLocation(), 3);
        } else if (currentMetadataLocation() != null) {
            throw new NoSuchTableException("Table does not exist any more: %s", name);
        } else {
            disableRefresh();
        }
    }

    @Override
    protected void doCommit(@Nullable TableMetadata base, TableMetadata metadata) {
        String before = base == null ? "" : String.valueOf(base.metadataFileLocation());
        String after = writeNewMetadataIfRequired(base == null, metadata);
        try {
            swap.swap(base, before, metadata, after);
        } catch (UnknownStoreOutcomeException e) {
            throw new CommitStateUnknownException(e); // C3: nothing is cleaned up
        } catch (StoreConflictException | StoreUnavailableException | StaleCommitterException e) {
            // Nothing was changed, so nothing can name the file that was written for it.
            io.deleteFile(after);
            throw new CommitFailedException(e, "Cannot commit to %s: %s", name, e.getMessage());
        }
    }
}
