package io.firn.chaos.load;

import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.rest.RESTCatalog;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalInputFile;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/// Reads a topic's Iceberg table: the files that the REST catalog names, with Parquet's own reader.
public final class TableReads {
    /// Rows of one partition, as they come from the files, which may be in any order.
    public static final class Rows {
        private final List<long[]> rows = new ArrayList<>(); // offset, value, hash, file

        void add(long offset, long value, int hash, int file) {
            rows.add(new long[] {offset, value, hash, file});
        }

        /// What would be here if the file with this offset were lost.
        public Rows withoutFileOf(long offset) {
            Rows rest = new Rows();
            long lost =
                    rows.stream().filter(r -> r[0] == offset).mapToLong(r -> r[3]).min().orElse(-1);
            rows.stream().filter(row -> row[3] != lost).forEach(rest.rows::add);
            return rest;
        }

        /// By offset; an offset that is there twice stays twice.
        public List<long[]> sorted() {
            rows.sort((a, b) -> Long.compare(a[0], b[0]));
            return rows;
        }
    }

    /// Without a Hadoop file system.
    private static final class RowsOf extends ParquetReader.Builder<Group> {
        RowsOf(InputFile file) {
            super(file, new PlainParquetConfiguration());
        }

        @Override
        protected ReadSupport<Group> getReadSupport() {
            return new GroupReadSupport();
        }
    }

    private final String catalog;
    private final Path objects;

    /// @param objects the folder of the embedded S3: it keeps object `key` of `bucket` in the file
    ///     `bucket/key`
    public TableReads(String catalog, Path objects) {
        this.catalog = catalog;
        this.objects = objects;
    }

    /// Every row of the table's current snapshot, by partition.
    public Map<Integer, Rows> read(String tableName) {
        Map<Integer, Rows> rows = new HashMap<>();
        List<Part> files = files(tableName);
        for (int file = 0; file < files.size(); file++) {
            read(files.get(file), file, rows);
        }
        return rows;
    }

    /// @param deletes position deletes, which take rows out of the file (C17)
    private record Part(String location, List<String> deletes) {}

    private List<Part> files(String tableName) {
        List<Part> files = new ArrayList<>();
        try (var rest = new RESTCatalog()) {
            rest.initialize(
                    "chaos",
                    Map.of(
                            CatalogProperties.URI,
                            catalog + "/iceberg",
                            "header.X-Iceberg-Access-Delegation",
                            "vended-credentials",
                            "http-client.type",
                            "urlconnection",
                            CatalogProperties.FILE_IO_IMPL,
                            "org.apache.iceberg.aws.s3.S3FileIO"));
            TableIdentifier id = TableIdentifier.of(Namespace.of("public"), tableName);
            if (!rest.tableExists(id)) {
                return files;
            }
            Table table = rest.loadTable(id);
            try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
                tasks.forEach(
                        task ->
                                files.add(
                                        new Part(
                                                task.file().location(),
                                                task.deletes().stream()
                                                        .map(DeleteFile::location)
                                                        .toList())));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read table " + tableName, e);
        }
        return files;
    }

    private void read(Part part, int file, Map<Integer, Rows> rows) {
        Set<Long> deleted = new HashSet<>();
        for (String deletes : part.deletes()) {
            each(
                    deletes,
                    (position, row) -> {
                        if (row.getString("file_path", 0).equals(part.location())) {
                            deleted.add(row.getLong("pos", 0));
                        }
                    });
        }
        each(
                part.location(),
                (position, row) -> {
                    if (!deleted.contains(position)) {
                        add(row, file, rows);
                    }
                });
    }

    private void each(String location, BiConsumer<Long, Group> use) {
        Path local = objects.resolve(location.replaceFirst("^s3[an]?://", "")).toAbsolutePath();
        try (ParquetReader<Group> reader = new RowsOf(new LocalInputFile(local)).build()) {
            long position = 0;
            for (Group row = reader.read(); row != null; row = reader.read()) {
                use.accept(position++, row);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + local, e);
        }
    }

    private static void add(Group row, int file, Map<Integer, Rows> rows) {
        byte[] value = bytes(row, "_kafka_value_raw");
        long number = Payload.number(value);
        int hash =
                value == null
                        ? 0
                        : Payload.hash(
                                bytes(row, "_kafka_key"),
                                value,
                                row.getLong("_kafka_timestamp", 0) / 1_000,
                                header(row));
        rows.computeIfAbsent(row.getInteger("_kafka_partition", 0), p -> new Rows())
                .add(row.getLong("_kafka_offset", 0), number, hash, file);
    }

    private static byte @Nullable [] bytes(Group row, String column) {
        return row.getFieldRepetitionCount(column) == 0
                ? null
                : row.getBinary(column, 0).getBytes();
    }

    private static byte @Nullable [] header(Group row) {
        Group list = row.getGroup("_kafka_headers", 0);
        if (list.getFieldRepetitionCount(0) == 0) {
            return null;
        }
        Group element = list.getGroup(0, 0).getGroup(0, 0);
        return bytes(element, "value");
    }
}
