package io.firn.tiering.table.file;

import io.firn.schema.Column;
import io.firn.tiering.table.column.TableColumns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/// Prints what a data file says of itself, for `firn inspect file`.
public final class FileInspector {
    private static final double KIB = 1024.0;

    private FileInspector() {}

    /// The text for a file on local disk.
    public static String print(Path file) {
        try (FileChannel channel = FileChannel.open(file)) {
            return print(new ChannelReader(channel, channel.size()));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot inspect " + file, e);
        }
    }

    /// The text for a file anywhere.
    public static String print(RangeReader file) {
        FileFooter footer = FileFooter.read(file);
        StringBuilder out = new StringBuilder();
        out.append(
                "Firn data file, format %d, layout %s: %,d rows in %,d bytes, %d segment(s)%n"
                        .formatted(
                                footer.format(),
                                footer.layout().label(),
                                footer.rows(),
                                file.size(),
                                footer.segments().size()));
        for (FileFooter.Segment segment : footer.segments()) {
            print(segment, out);
        }
        footer.schemas().forEach((id, text) -> out.append("%nschema %d: %s%n".formatted(id, text)));
        if (!footer.segments().isEmpty()) {
            columns(footer.segments().getFirst().seekIndex(), out);
        }
        return out.toString();
    }

    private static void print(FileFooter.Segment segment, StringBuilder out) {
        EncodedFile.Counts counts = segment.counts();
        out.append(
                "%nsegment %s%n  topic %s partition %d, offsets [%d, %d), leader epoch %d, newest record %s%n"
                        .formatted(
                                segment.segmentUuid(),
                                segment.topicId(),
                                segment.partition(),
                                segment.start(),
                                segment.end(),
                                segment.leaderEpoch(),
                                time(segment.maxTimestamp())));
        out.append(
                "  %,d batches (%,d kept whole), %,d records: %,d values typed, %,d raw; %,d record bytes%n"
                        .formatted(
                                counts.batches(),
                                counts.opaqueBatches(),
                                counts.records(),
                                counts.typedValues(),
                                counts.rawValues(),
                                counts.recordBytes()));
        out.append(
                "  epochs %s, aborted %s%n  content sha256 %s%n"
                        .formatted(
                                segment.epochLineageJson(),
                                segment.abortIndexJson(),
                                HexFormat.of().formatHex(segment.contentDigest())));
        out.append(
                "  row group     first offset      last offset  newest                      position     KiB    rows%n"
                        .formatted());
        int i = 0;
        for (SeekIndex.RowGroup group : segment.seekIndex().groups()) {
            out.append(
                    "  %9d %16d %16d  %-24s %11d %7.1f %7d%s%n"
                            .formatted(
                                    i++,
                                    group.firstOffset(),
                                    group.lastOffset(),
                                    time(group.maxTimestamp()),
                                    group.position(),
                                    group.length() / KIB,
                                    group.rows(),
                                    group.columnLengths().isEmpty() ? " (whole batches)" : ""));
        }
    }

    private static void columns(SeekIndex index, StringBuilder out) {
        TableColumns table = new TableColumns(index.tableSchemaJson());
        out.append(
                "%ncolumn                           id  type                 bytes%n".formatted());
        for (int i = 0; i < table.leaves; i++) {
            Column column = table.layout.leaves().get(i).column();
            long bytes = 0;
            for (SeekIndex.RowGroup group : index.groups()) {
                List<Integer> lengths = group.columnLengths();
                bytes += lengths.isEmpty() ? 0 : lengths.get(i);
            }
            out.append(
                    "%-30s %4d  %-16s %,9d%n"
                            .formatted(
                                    table.iceberg.findColumnName(column.id()),
                                    column.id(),
                                    table.iceberg.findType(column.id()),
                                    bytes));
        }
    }

    private static String time(long millis) {
        return millis < 0 ? "-" : Instant.ofEpochMilli(millis).toString();
    }

    private record ChannelReader(FileChannel channel, long size) implements RangeReader {
        @Override
        public ByteBuffer read(long position, int length) {
            ByteBuffer buffer = ByteBuffer.allocate(length);
            try {
                while (buffer.hasRemaining()
                        && channel.read(buffer, position + buffer.position()) >= 0) {
                    // reads on until the range is full or the file ends
                }
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "Cannot read %d bytes at %d".formatted(length, position), e);
            }
            return buffer.flip();
        }
    }
}
