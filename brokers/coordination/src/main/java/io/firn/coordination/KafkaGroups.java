package io.firn.coordination;

import com.yammer.metrics.core.MetricsRegistry;

import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRuntimeMetricsImpl;
import org.apache.kafka.coordinator.group.GroupConfigManager;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.group.GroupCoordinatorService;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorMetrics;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;
import org.apache.kafka.server.share.persister.NoOpStatePersister;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.apache.kafka.server.util.timer.SystemTimerReaper;

import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/// Kafka's group coordinator, put together and running (KAFKA-LIBS 4).
final class KafkaGroups implements AutoCloseable {
    private final GroupCoordinatorService service;
    private final MetricsRegistry gauges;

    private KafkaGroups(GroupCoordinatorService service, MetricsRegistry gauges) {
        this.service = service;
        this.gauges = gauges;
    }

    static KafkaGroups start(
            GroupSettings settings,
            int offsetsPartitions,
            LedPartitions led,
            KeptRecords kept,
            Metrics metrics,
            IntConsumer loaded) {
        Map<String, String> properties = settings.properties();
        GroupCoordinatorConfig config = GroupCoordinatorConfig.fromProps(properties);
        MetricsRegistry gauges = new MetricsRegistry();
        GroupCoordinatorService service =
                new GroupCoordinatorService.Builder(settings.nodeId(), config)
                        .withTime(Time.SYSTEM)
                        .withTimer(
                                new SystemTimerReaper(
                                        "group-coordinator-reaper",
                                        new SystemTimer("group-coordinator")))
                        .withWriter(new LogWriter(led, kept))
                        .withLoader(
                                new LogLoader(
                                        led,
                                        kept,
                                        new GroupCoordinatorRecordSerde(),
                                        config.offsetsLoadBufferSize(),
                                        Time.SYSTEM,
                                        partition -> loaded.accept(partition.partition())))
                        .withCoordinatorRuntimeMetrics(
                                new CoordinatorRuntimeMetricsImpl(
                                        metrics, "group-coordinator-metrics", true))
                        .withGroupCoordinatorMetrics(new GroupCoordinatorMetrics(gauges, metrics))
                        .withGroupConfigManager(
                                new GroupConfigManager(
                                        config, ShareGroupConfig.fromProps(properties)))
                        .withPersister(new NoOpStatePersister())
                        .withAuthorizerPlugin(Optional.empty())
                        .withPartitionMetadataClient(new NoShares())
                        .build();
        service.startup(() -> offsetsPartitions);
        return new KafkaGroups(service, gauges);
    }

    GroupCoordinator coordinator() {
        return service;
    }

    @Override
    public void close() {
        service.shutdown();
        gauges.shutdown();
    }
}
