package io.firn.catalog.iceberg;

import io.firn.catalog.store.CatalogStore;
import io.firn.objectstore.ObjectInfo;

import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadata.MetadataLogEntry;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.exceptions.NotFoundException;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Whether Postgres has the whole history of a table, as the object store remembers it (C16). A
/// database that was restored from a backup has forgotten commits, and goes on counting from where
/// it is; numbers do not give it away for long. Names do: each metadata file has a random one, and
/// each names the files before it.
///
/// A metadata file in the table's folder that Postgres does not know is one of two. Either a commit
/// that never happened left it, its catalog having been killed; then nobody has built on it. Or
/// it was committed and is forgotten; then, unless it was the very last one, the metadata after
/// it names it as committed.
final class MetadataHistory {
    private static final String METADATA = ".metadata.json";
    private static final int MOST_STRAYS = 1000;

    /// What the folder says.
    sealed interface Verdict {
        /// @param strays metadata that Postgres does not know, and that nobody has built on: what
        ///     they name may be all that is left of a forgotten commit, and is kept
        record Whole(List<TableMetadata> strays) implements Verdict {}

        /// @param why nothing of the table may be deleted
        record Forgotten(String why) implements Verdict {}
    }

    private MetadataHistory() {}

    static Verdict judge(
            CatalogStore store,
            MetadataFiles files,
            TablePrefix prefix,
            FirnTableOperations operations) {
        // First what is there, then what is known: so a commit that happens now is known.
        Set<String> unknown = new HashSet<>();
        String folder = prefix.address().substring(files.prefix().length()) + "/metadata/";
        try (Stream<ObjectInfo> listing = files.objects().list(folder)) {
            listing.map(o -> files.prefix() + o.key().name())
                    .filter(path -> path.endsWith(METADATA))
                    .forEach(unknown::add);
        }
        TableMetadata now = operations.refresh();
        unknown.remove(now.metadataFileLocation());
        now.previousFiles().forEach(entry -> unknown.remove(entry.file()));
        unknown.removeAll(store.retired().known(unknown));
        if (unknown.size() > MOST_STRAYS) {
            return new Verdict.Forgotten(
                    "it has %d metadata files that Postgres does not know"
                            .formatted(unknown.size()));
        }
        Map<String, TableMetadata> strays = new HashMap<>();
        for (String path : unknown) {
            try {
                strays.put(path, TableMetadataParser.read(files.newInputFile(path)));
            } catch (NotFoundException e) {
                continue; // deleted in between
            } catch (RuntimeException e) {
                return new Verdict.Forgotten(
                        "%s is not known to Postgres, and cannot be read: %s"
                                .formatted(path, e.getMessage()));
            }
        }
        for (TableMetadata stray : strays.values()) {
            for (MetadataLogEntry before : stray.previousFiles()) {
                if (strays.containsKey(before.file())) {
                    return new Verdict.Forgotten(
                            "%s was built on %s, and Postgres knows neither"
                                    .formatted(stray.metadataFileLocation(), before.file()));
                }
            }
        }
        return new Verdict.Whole(new ArrayList<>(strays.values()));
    }
}
