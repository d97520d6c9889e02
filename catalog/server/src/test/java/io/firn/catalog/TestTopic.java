package io.firn.catalog;

import io.firn.catalog.client.CatalogClient;
import io.firn.catalog.client.ExtentRow;
import io.firn.catalog.client.FileRow;
import io.firn.catalog.client.SegmentRow;
import io.firn.catalog.client.TableSpec;
import io.firn.catalog.client.TopicRef;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectStore;

import org.apache.iceberg.ContentFileParser;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.PartitionSpec;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// What a broker does with one topic that has one partition.
final class TestTopic {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    final TopicRef ref =
            new TopicRef(
                    "public",
                    "topic-" + UUID.randomUUID().toString().substring(0, 8),
                    UUID.randomUUID());
    private final ObjectStore objects;

    TestTopic(ObjectStore objects) {
        this.objects = objects;
    }

    TableSpec table(CatalogClient client) {
        return client.table(ref, "", Set.of());
    }

    /// Uploads a range and waits until it is committed.
    ///
    /// @return its file
    String commit(CatalogClient client, long start, long end) {
        client.raiseFence(ref.topicId(), 0, 1, 0);
        String path = upload(client, start, end);
        long committed = client.awaitCommitted(ref.topicId(), 0, end, PATIENCE);
        if (committed < end) {
            throw new AssertionError("Only %d of %d is committed".formatted(committed, end));
        }
        return path;
    }

    String upload(CatalogClient client, long start, long end) {
        TableSpec spec = table(client);
        UUID segment = UUID.randomUUID();
        UUID file = UUID.randomUUID();
        client.prepared(
                new SegmentRow(
                        segment,
                        ref.topicId(),
                        0,
                        start,
                        end,
                        1,
                        "raw",
                        new byte[] {1, 2},
                        null,
                        null,
                        new byte[0],
                        1,
                        Instant.now().plusSeconds(300)));
        String path = spec.location() + "/data/0/" + segment + ".parquet";
        objects.putIfAbsent(ObjectKey.ofAddress(path), new byte[] {1, 2, 3, 4});
        client.uploaded(
                segment,
                new FileRow(
                        file,
                        path,
                        4,
                        "crc32c:0",
                        ContentFileParser.toJson(
                                dataFile(path, end - start), PartitionSpec.unpartitioned())),
                List.of(new ExtentRow(segment, file, start, end, "{}")));
        return path;
    }

    static DataFile dataFile(String path, long rows) {
        return DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(path)
                .withFormat("parquet")
                .withFileSizeInBytes(4)
                .withRecordCount(rows)
                .build();
    }
}
