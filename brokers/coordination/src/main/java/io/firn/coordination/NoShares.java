package io.firn.coordination;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.server.util.PartitionMetadataClient;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Latest offsets are asked for share groups only, which are not served yet.
final class NoShares implements PartitionMetadataClient {
    @Override
    public Map<TopicPartition, CompletableFuture<OffsetResponse>> listLatestOffsets(
            Set<TopicPartition> partitions) {
        return partitions.stream()
                .collect(
                        Collectors.toMap(
                                Function.identity(),
                                partition ->
                                        CompletableFuture.completedFuture(
                                                new OffsetResponse(
                                                        -1, Errors.UNSUPPORTED_VERSION))));
    }

    @Override
    public void close() {}
}
