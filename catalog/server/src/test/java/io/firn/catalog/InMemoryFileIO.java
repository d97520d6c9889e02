package io.firn.catalog;

import io.firn.catalog.iceberg.MetadataFiles;

import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

import java.util.Map;

/// What an engine's FileIO would be: reads and writes the test's bucket.
public final class InMemoryFileIO implements FileIO {
    private final MetadataFiles files = new MetadataFiles("lake", () -> TestCatalog.OBJECTS);

    @Override
    public void initialize(Map<String, String> properties) {}

    @Override
    public Map<String, String> properties() {
        return Map.of();
    }

    @Override
    public InputFile newInputFile(String path) {
        return files.newInputFile(path);
    }

    @Override
    public OutputFile newOutputFile(String path) {
        return files.newOutputFile(path);
    }

    @Override
    public void deleteFile(String path) {
        files.deleteFile(path);
    }
}
