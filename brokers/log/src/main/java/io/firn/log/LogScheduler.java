package io.firn.log;

import org.apache.kafka.server.util.KafkaScheduler;

import java.util.concurrent.ScheduledFuture;

/// Kafka's background tasks, but for the flush after a roll: closed segments are flushed here
/// before anyone sees them (L9), and a second flush would only find a log that is closed already.
final class LogScheduler extends KafkaScheduler {
    LogScheduler() {
        super(1, true, "firn-log-kafka-");
    }

    @Override
    public ScheduledFuture<?> schedule(
            String name, Runnable task, long delayMillis, long periodMillis) {
        return super.schedule(
                name, name.equals("flush-log") ? () -> {} : task, delayMillis, periodMillis);
    }
}
