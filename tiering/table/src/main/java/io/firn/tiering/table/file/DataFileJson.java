package io.firn.tiering.table.file;

import org.apache.iceberg.ContentFileParser;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;

/// A written file in the words of Iceberg's manifests.
final class DataFileJson {
    private DataFileJson() {}

    static String of(EncodedFile file, String location) {
        if (file.specId() != PartitionSpec.unpartitioned().specId()) {
            throw new IllegalArgumentException(
                    "Cannot describe %s for partition spec %d: only unpartitioned tables are written yet"
                            .formatted(location, file.specId()));
        }
        FileMetrics metrics = file.metrics();
        DataFile dataFile =
                DataFiles.builder(PartitionSpec.unpartitioned())
                        .withPath(location)
                        .withFormat(FileFormat.PARQUET)
                        .withFileSizeInBytes(file.size())
                        .withSplitOffsets(metrics.splitOffsets())
                        .withMetrics(
                                new Metrics(
                                        file.rows(),
                                        metrics.columnSizes(),
                                        metrics.valueCounts(),
                                        metrics.nullCounts(),
                                        java.util.Map.of(),
                                        metrics.lowerBounds(),
                                        metrics.upperBounds()))
                        .build();
        return ContentFileParser.toJson(dataFile, PartitionSpec.unpartitioned());
    }
}
