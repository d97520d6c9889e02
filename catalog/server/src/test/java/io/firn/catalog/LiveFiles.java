package io.firn.catalog;

import io.firn.catalog.iceberg.MetadataFiles;
import io.firn.objectstore.ObjectStore;

import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.io.CloseableIterable;

import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;

/// The data files that a table's snapshots name; fails when a manifest that they need is missing.
final class LiveFiles {
    private LiveFiles() {}

    static Set<String> of(ObjectStore objects, String metadataLocation) throws IOException {
        MetadataFiles files = new MetadataFiles("lake", () -> objects);
        TableMetadata metadata = TableMetadataParser.read(files.newInputFile(metadataLocation));
        Set<String> paths = new TreeSet<>();
        for (Snapshot snapshot : metadata.snapshots()) {
            for (ManifestFile manifest : snapshot.allManifests(files)) {
                try (CloseableIterable<String> live =
                        ManifestFiles.readPaths(manifest, files, metadata.specsById())) {
                    live.forEach(paths::add);
                }
            }
        }
        return paths;
    }
}
