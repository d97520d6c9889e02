package io.firn.broker.admin;

import io.firn.broker.partition.PartitionTable;
import io.firn.broker.request.Handler;
import io.firn.log.HotLog;
import io.firn.log.PartitionLog;
import io.firn.protocol.connection.InboundRequest;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeLogDirsRequest;
import org.apache.kafka.common.requests.DescribeLogDirsResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;

/// DescribeLogDirs: the local bytes of the tenant's partitions. What is only in the table is not on
/// this disk and not counted.
public final class DescribeLogDirsHandler implements Handler {
    private static final Logger LOG = LoggerFactory.getLogger(DescribeLogDirsHandler.class);

    private final PartitionTable partitions;
    private final HotLog hotLog;
    private final Path dir;
    private final Executor waiting;

    public DescribeLogDirsHandler(
            PartitionTable partitions, HotLog hotLog, Path dir, Executor waiting) {
        this.partitions = partitions;
        this.hotLog = hotLog;
        this.dir = dir;
        this.waiting = waiting;
    }

    @Override
    public void handle(InboundRequest request) {
        DescribeLogDirsRequest body = (DescribeLogDirsRequest) request.body();
        request.answerOn(waiting, () -> answer(request, body));
    }

    private DescribeLogDirsResponse answer(InboundRequest request, DescribeLogDirsRequest body) {
        Map<String, DescribeLogDirsTopic> topics = new TreeMap<>();
        for (TopicIdPartition partition : hotLog.known()) {
            if (!request.names().owns(partition.topic())) {
                continue;
            }
            String name = request.names().outside(partition.topic());
            if (asked(body, name, partition.partition())) {
                topics.computeIfAbsent(name, n -> new DescribeLogDirsTopic().setName(n))
                        .partitions()
                        .add(
                                new DescribeLogDirsPartition()
                                        .setPartitionIndex(partition.partition())
                                        .setPartitionSize(size(partition))
                                        .setOffsetLag(0)
                                        .setIsFutureKey(false));
            }
        }
        DescribeLogDirsResult result =
                new DescribeLogDirsResult()
                        .setLogDir(dir.toAbsolutePath().toString())
                        .setErrorCode(Errors.NONE.code());
        result.topics().addAll(topics.values());
        addDiskSize(result);
        DescribeLogDirsResponseData data = new DescribeLogDirsResponseData();
        data.results().add(result);
        return new DescribeLogDirsResponse(data);
    }

    private static boolean asked(DescribeLogDirsRequest body, String topic, int partition) {
        if (body.isAllTopicPartitions()) {
            return true;
        }
        DescribableLogDirTopic asked = body.data().topics().find(topic);
        return asked != null && asked.partitions().contains(partition);
    }

    private long size(TopicIdPartition partition) {
        return hotLog.opened(partition)
                .map(PartitionLog::sizeBytes)
                .orElseGet(
                        () ->
                                hotLog.open(
                                                partition,
                                                partitions.image().logConfig(partition.topic()))
                                        .sizeBytes());
    }

    private void addDiskSize(DescribeLogDirsResult result) {
        try {
            FileStore disk = Files.getFileStore(dir);
            result.setTotalBytes(disk.getTotalSpace()).setUsableBytes(disk.getUsableSpace());
        } catch (IOException e) {
            LOG.warn("Cannot ask for the free space of {}", dir, e);
        }
    }
}
