package io.firn.controller;

import org.apache.kafka.common.utils.Time;
import org.apache.kafka.controller.metrics.ControllerMetadataMetrics;
import org.apache.kafka.controller.metrics.ControllerMetadataMetricsPublisher;
import org.apache.kafka.controller.metrics.QuorumControllerMetrics;
import org.apache.kafka.image.publisher.MetadataPublisher;
import org.apache.kafka.server.fault.FaultHandler;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;

/// What Kafka's controller counts, by Firn's names.
final class ControllerMetrics implements AutoCloseable {
    private final QuorumControllerMetrics quorum;
    private final ControllerMetadataMetrics metadata =
            new ControllerMetadataMetrics(Optional.empty());

    /// @param session after which a silent broker is fenced
    ControllerMetrics(Duration session) {
        this.quorum =
                new QuorumControllerMetrics(
                        Optional.empty(), Time.SYSTEM, (int) session.toMillis());
    }

    /// For the controller, which keeps it up to date.
    QuorumControllerMetrics quorum() {
        return quorum;
    }

    /// Counts what is in the image.
    MetadataPublisher publisher(FaultHandler faults) {
        return new ControllerMetadataMetricsPublisher(metadata, faults);
    }

    /// @param leaderEpoch the quorum's, as known here
    List<ControllerGauge> gauges(IntSupplier leaderEpoch) {
        return List.of(
                gauge(
                        "active",
                        "1 when this controller leads the quorum",
                        () -> quorum.active() ? 1 : 0),
                gauge("leader.epoch", "Epoch of the quorum's leadership", leaderEpoch::getAsInt),
                gauge(
                        "last.applied.offset",
                        "Offset of the last metadata record that was applied here",
                        quorum::lastAppliedRecordOffset),
                gauge(
                        "last.committed.offset",
                        "Offset of the last metadata record that is committed",
                        quorum::lastCommittedRecordOffset),
                gauge(
                        "last.applied.timestamp.ms",
                        "When the last applied metadata record was written",
                        quorum::lastAppliedRecordTimestamp),
                gauge(
                        "elections",
                        "Leaderships of the quorum that this controller has seen begin",
                        quorum::newActiveControllers),
                gauge(
                        "heartbeats.timed.out",
                        "Brokers' heartbeats that waited too long here",
                        quorum::timedOutHeartbeats),
                gauge(
                        "operations.started",
                        "Changes that were asked of this controller",
                        quorum::operationsStarted),
                gauge(
                        "operations.timed.out",
                        "Those of them that were given up",
                        quorum::operationsTimedOut),
                gauge("brokers.active", "Brokers that are alive", metadata::activeBrokerCount),
                gauge(
                        "brokers.fenced",
                        "Brokers that are registered and not alive",
                        metadata::fencedBrokerCount),
                gauge("topics", "Topics of all tenants", metadata::globalTopicCount),
                gauge("partitions", "Partitions of all topics", metadata::globalPartitionCount),
                gauge(
                        "partitions.offline",
                        "Partitions without a leader",
                        metadata::offlinePartitionCount),
                gauge(
                        "metadata.errors",
                        "Metadata records that could not be applied",
                        metadata::metadataErrorCount));
    }

    private static ControllerGauge gauge(String name, String what, DoubleSupplier value) {
        return new ControllerGauge("firn.controller." + name, what, value);
    }

    @Override
    public void close() {
        quorum.close();
        metadata.close();
    }
}
