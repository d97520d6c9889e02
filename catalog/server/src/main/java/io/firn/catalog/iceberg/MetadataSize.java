package io.firn.catalog.iceberg;

import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableMetadataParser.Codec;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.io.InputFile;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;

/// How large the metadata of an engine's own table may become. Whoever loads a table holds all of
/// it some times over, as text and as objects, and each commit may add as much as a request has; so
/// a table that may grow without end ends the process that reads it.
final class MetadataSize {
    /// Some 8,000 snapshots.
    static final int MOST_BYTES = 8 << 20;

    private MetadataSize() {}

    /// @throws BadRequestException if so much is not kept
    static void require(TableMetadata metadata) {
        int bytes = TableMetadataParser.toJson(metadata).length();
        if (bytes > MOST_BYTES) {
            throw new BadRequestException(
                    "Cannot commit: the table's metadata would have %s bytes as JSON, at most %s are kept. Its %s snapshots, %s schemas and %s properties make it up: expire snapshots, or remove properties",
                    bytes,
                    MOST_BYTES,
                    metadata.snapshots().size(),
                    metadata.schemas().size(),
                    metadata.properties().size());
        }
    }

    /// Reads a metadata file, packed or not, as far as it may be long.
    ///
    /// @throws BadRequestException if it is longer
    static TableMetadata read(InputFile file) {
        try {
            if (file.getLength() > MOST_BYTES) {
                throw tooLarge(file, file.getLength() + " bytes");
            }
            byte[] json;
            try (InputStream in = unpacked(file)) {
                json = in.readNBytes(MOST_BYTES + 1);
            }
            if (json.length > MOST_BYTES) {
                throw tooLarge(file, "more unpacked");
            }
            return TableMetadataParser.fromJson(
                    file.location(), new String(json, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file.location(), e);
        }
    }

    private static InputStream unpacked(InputFile file) throws IOException {
        return Codec.fromFileName(file.location()) == Codec.GZIP
                ? new GZIPInputStream(file.newStream())
                : file.newStream();
    }

    private static BadRequestException tooLarge(InputFile file, String size) {
        return new BadRequestException(
                "Cannot load the table: its metadata %s has %s, at most %s bytes are read. Drop the table (its files stay) and register an older metadata file of it",
                file.location(), size, MOST_BYTES);
    }
}
