package io.firn.log.directory;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.server.util.KafkaScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.concurrent.ScheduledFuture;

/// Kafka's background tasks, but for the flush after a roll: closed segments are flushed here
/// before anyone sees them (L9), and a second flush would only find a log that is closed already.
/// A file that cannot be deleted stays until the next start does it; the epochs of a log whose
/// folder was moved away meanwhile are nobody's.
public final class LogScheduler extends KafkaScheduler {
    private static final Logger log = LoggerFactory.getLogger(LogScheduler.class);

    private final DirectoryFailures failures;

    public LogScheduler(DirectoryFailures failures) {
        super(1, true, "firn-log-kafka-");
        this.failures = failures;
    }

    @Override
    public ScheduledFuture<?> schedule(
            String name, Runnable task, long delayMillis, long periodMillis) {
        return super.schedule(name, ours(name, task), delayMillis, periodMillis);
    }

    private Runnable ours(String name, Runnable task) {
        if (name.equals("flush-log")) {
            return () -> {};
        }
        if (name.equals("delete-file") || name.equals("delete-producer-snapshot")) {
            return () -> delete(task);
        }
        return name.startsWith("leader-epoch-cache-flush") ? () -> flushEpochs(name, task) : task;
    }

    private void delete(Runnable task) {
        try {
            failures.contained(task::run);
        } catch (IOException | KafkaException e) {
            log.warn("Cannot delete a file yet ({}); the next start does", e.getMessage());
        }
    }

    private void flushEpochs(String name, Runnable task) {
        try {
            failures.contained(task::run);
        } catch (IOException | KafkaException e) {
            boolean moved = e.getCause() instanceof FileNotFoundException;
            if (!moved && e.getCause() instanceof IOException error) { // L4
                failures.maybeAddOfflineLogDir("", name, error);
            }
        }
    }
}
