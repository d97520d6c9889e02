package io.firn.catalog.iceberg;

import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

import java.util.Map;

/// One table's files: whatever a table's metadata says, nothing outside of its own folder is read,
/// written or deleted for it (C18).
final class OwnedFiles implements FileIO {
    private final transient FileIO files;
    private final transient TablePrefix prefix;

    OwnedFiles(FileIO files, TablePrefix prefix) {
        this.files = files;
        this.prefix = prefix;
    }

    @Override
    public InputFile newInputFile(String path) {
        prefix.require(path, "read");
        return files.newInputFile(path);
    }

    @Override
    public OutputFile newOutputFile(String path) {
        prefix.require(path, "write");
        return files.newOutputFile(path);
    }

    @Override
    public void deleteFile(String path) {
        prefix.require(path, "delete");
        files.deleteFile(path);
    }

    @Override
    public Map<String, String> properties() {
        return Map.of();
    }
}
