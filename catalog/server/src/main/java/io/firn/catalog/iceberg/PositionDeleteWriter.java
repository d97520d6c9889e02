package io.firn.catalog.iceberg;

import io.firn.catalog.store.commit.HiddenExtent;
import io.firn.catalog.store.commit.HiddenRows;
import io.firn.catalog.store.commit.RowsToHide;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectStore;
import io.firn.tiering.table.PositionDeletes;
import io.firn.tiering.table.SegmentRows;
import io.firn.tiering.table.file.RangeReader;
import io.firn.tiering.table.file.SeekIndex;

import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.PositionOutputStream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Finds the rows of a data file that lie below the log start and writes the position deletes that
/// take them out of the table (C17). Reads no more of a data file than the offsets of the row group
/// in which the log start lies.
final class PositionDeleteWriter {
    private final ObjectStore objects;

    PositionDeleteWriter(ObjectStore objects) {
        this.objects = objects;
    }

    /// @param location of the table
    /// @param io which takes what is written for this attempt
    HiddenRows write(RowsToHide hide, String location, FileIO io) {
        List<PositionDeletes.Rows> rows = rows(hide);
        if (rows.isEmpty()) {
            return new HiddenRows(hide.file().fileId(), hide.extents(), Optional.empty());
        }
        PositionDeletes deletes = PositionDeletes.of(hide.file().path(), rows);
        UUID id = UUID.randomUUID();
        String path = "%s/data/deletes/%s-deletes.parquet".formatted(location, id);
        try (PositionOutputStream out = io.newOutputFile(path).create()) {
            out.write(deletes.bytes());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write position deletes " + path, e);
        }
        return new HiddenRows(
                hide.file().fileId(),
                hide.extents(),
                Optional.of(
                        new HiddenRows.Deletes(
                                id,
                                path,
                                deletes.bytes().length,
                                deletes.checksum(),
                                deletes.icebergDeleteFileJson(path))));
    }

    /// The segments of a file lie in it one after the other.
    private List<PositionDeletes.Rows> rows(RowsToHide hide) {
        record Part(HiddenExtent extent, SeekIndex index) {
            long position() {
                return index.groups().isEmpty()
                        ? Long.MAX_VALUE
                        : index.groups().getFirst().position();
            }
        }
        List<Part> parts =
                hide.extents().stream()
                        .map(e -> new Part(e, SeekIndex.parse(e.seekIndexJson())))
                        .sorted(Comparator.comparingLong(Part::position))
                        .toList();
        RangeReader file = reader(hide.file().path());
        List<PositionDeletes.Rows> rows = new ArrayList<>();
        long first = 0;
        for (Part part : parts) {
            long below = SegmentRows.below(part.index(), part.extent().below(), file);
            if (below > 0) {
                rows.add(new PositionDeletes.Rows(first, first + below));
            }
            first += SegmentRows.all(part.index());
        }
        return rows;
    }

    private RangeReader reader(String path) {
        ObjectKey key = ObjectKey.ofAddress(path);
        return new RangeReader() {
            @Override
            public ByteBuffer read(long position, int length) {
                ByteBuffer bytes = ByteBuffer.allocate(length);
                objects.read(key, position, bytes.duplicate());
                return bytes;
            }

            @Override
            public long size() {
                return objects.head(key).orElseThrow().size();
            }
        };
    }
}
