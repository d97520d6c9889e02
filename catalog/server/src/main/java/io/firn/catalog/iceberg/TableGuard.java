package io.firn.catalog.iceberg;

import org.apache.iceberg.ContentFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/// What an engine may make of its own table: anything, inside the table's own folder (C18). A
/// commit is judged by what its metadata, manifests and files name, not by what it says that it
/// does.
final class TableGuard {
    /// More than any engine writes in one commit; reading them is bounded by time as well.
    private static final int MOST_MANIFESTS = 10_000;

    private static final long MOST_MANIFEST_BYTES = 256L << 20;
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final String LOCATION_PROVIDER = "write.location-provider.impl";

    private final LongSupplier nanos;

    TableGuard(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /// @param before null when the table is new: then everything in it is judged
    /// @param files what this table may read
    /// @throws ForbiddenException when it names anything that is not its own
    /// @throws org.apache.iceberg.exceptions.BadRequestException when it is more than is kept
    void check(
            TablePrefix prefix, @Nullable TableMetadata before, TableMetadata after, FileIO files) {
        MetadataSize.require(after);
        if (!after.location().equals(prefix.address())) {
            throw new ForbiddenException(
                    "Cannot move the table to %s: it stays in %s; make a table there and copy the rows",
                    after.location(), prefix.address());
        }
        checkProperties(prefix, after.properties());
        after.previousFiles().forEach(f -> prefix.require(f.file(), "name metadata file"));
        after.statisticsFiles().forEach(f -> prefix.require(f.path(), "name statistics file"));
        after.partitionStatisticsFiles()
                .forEach(f -> prefix.require(f.path(), "name statistics file"));
        checkSnapshots(prefix, before, after, files);
    }

    private static void checkProperties(TablePrefix prefix, Map<String, String> properties) {
        properties.forEach(
                (key, value) -> {
                    if (key.equals(LOCATION_PROVIDER)) {
                        throw new ForbiddenException(
                                "Cannot set %s: this catalog keeps each table's files in its own folder %s/",
                                key, prefix.address());
                    }
                    if (key.startsWith("write.") && key.endsWith(".path")) {
                        String path =
                                value.endsWith("/")
                                        ? value.substring(0, value.length() - 1)
                                        : value;
                        prefix.require(path, "set " + key + " to");
                    }
                });
    }

    private void checkSnapshots(
            TablePrefix prefix, @Nullable TableMetadata before, TableMetadata after, FileIO files) {
        long until = nanos.getAsLong() + LONGEST.toNanos();
        Set<String> judged = new HashSet<>();
        if (before != null && before.currentSnapshot() != null) {
            before.currentSnapshot().allManifests(files).forEach(m -> judged.add(m.path()));
        }
        int read = 0;
        for (Snapshot snapshot : after.snapshots()) {
            if (before != null && before.snapshot(snapshot.snapshotId()) != null) {
                continue;
            }
            if (snapshot.manifestListLocation() != null) {
                requireSize(files, snapshot.manifestListLocation());
            }
            for (ManifestFile manifest : snapshot.allManifests(files)) {
                prefix.require(manifest.path(), "name manifest");
                if (!judged.add(manifest.path())) {
                    continue;
                }
                if (++read > MOST_MANIFESTS || nanos.getAsLong() > until) {
                    throw new ForbiddenException(
                            "Cannot judge the commit: it names more than %s manifests, or reading them takes more than %s; commit less at once",
                            MOST_MANIFESTS, LONGEST);
                }
                requireSize(files, manifest.path());
                checkFiles(prefix, manifest, after.specsById(), files, until);
            }
        }
    }

    private static void requireSize(FileIO files, String path) {
        long size = files.newInputFile(path).getLength();
        if (size > MOST_MANIFEST_BYTES) {
            throw new ForbiddenException(
                    "Cannot judge the commit: %s has %s bytes, at most %s are read",
                    path, size, MOST_MANIFEST_BYTES);
        }
    }

    private void checkFiles(
            TablePrefix prefix,
            ManifestFile manifest,
            Map<Integer, PartitionSpec> specs,
            FileIO files,
            long until) {
        try (CloseableIterable<? extends ContentFile<?>> named = open(manifest, specs, files)) {
            for (ContentFile<?> file : named) {
                prefix.require(file.location(), "name file");
                if (nanos.getAsLong() > until) {
                    throw new ForbiddenException(
                            "Cannot judge the commit: reading its manifests takes more than %s; commit less at once",
                            LONGEST);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read manifest " + manifest.path(), e);
        }
    }

    private static CloseableIterable<? extends ContentFile<?>> open(
            ManifestFile manifest, Map<Integer, PartitionSpec> specs, FileIO files) {
        List<String> columns = List.of("file_path");
        return manifest.content() == ManifestContent.DATA
                ? ManifestFiles.read(manifest, files, specs).select(columns)
                : ManifestFiles.readDeleteManifest(manifest, files, specs).select(columns);
    }
}
