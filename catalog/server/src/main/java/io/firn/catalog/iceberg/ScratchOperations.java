package io.firn.catalog.iceberg;

import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.LocationProvider;
import org.apache.iceberg.io.OutputFile;

import java.util.ArrayList;
import java.util.List;

/// A table's next metadata while it is put together from several Iceberg operations. Manifests are
/// really written; the metadata stays here. So one attempt has one base, is never silently applied
/// to a newer one (FORMAT §6.1.4), and moves the pointer once.
final class ScratchOperations implements TableOperations {
    private final TableOperations table;
    private final RecordingIo io;
    private TableMetadata current;

    ScratchOperations(TableOperations table, TableMetadata base) {
        this.table = table;
        this.io = new RecordingIo(table.io());
        this.current = base;
    }

    /// What was written for this attempt.
    List<String> written() {
        return List.copyOf(io.written);
    }

    @Override
    public TableMetadata current() {
        return current;
    }

    @Override
    public TableMetadata refresh() {
        return current;
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
        if (base != current) {
            throw new CommitFailedException("The attempt is built by one thread only");
        }
        current = metadata;
    }

    @Override
    public FileIO io() {
        return io;
    }

    @Override
    public String metadataFileLocation(String fileName) {
        return table.metadataFileLocation(fileName);
    }

    @Override
    public LocationProvider locationProvider() {
        return LocationProviders.locationsFor(current.location(), current.properties());
    }

    private static final class RecordingIo implements FileIO {
        private final FileIO files;
        private final transient List<String> written = new ArrayList<>();

        RecordingIo(FileIO files) {
            this.files = files;
        }

        @Override
        public InputFile newInputFile(String path) {
            return files.newInputFile(path);
        }

        @Override
        public OutputFile newOutputFile(String path) {
            synchronized (written) {
                written.add(path);
            }
            return files.newOutputFile(path);
        }

        @Override
        public void deleteFile(String path) {
            files.deleteFile(path);
        }
    }
}
