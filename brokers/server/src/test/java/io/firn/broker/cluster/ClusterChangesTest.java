package io.firn.broker.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;

import io.firn.broker.TestCluster;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// What a broker does at a new image, and what that waits for.
class ClusterChangesTest {
    /// Standard error is a pipe that nobody reads, for example.
    private static final class Stuck extends AppenderBase<ILoggingEvent> {
        final CountDownLatch reached = new CountDownLatch(1);
        final CountDownLatch read = new CountDownLatch(1);

        @Override
        protected void append(ILoggingEvent event) {
            reached.countDown();
            try {
                read.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    @Timeout(60)
    void theImageIsShownThoughNobodyReadsTheLog(@TempDir Path dir) throws Exception { // DESIGN 13
        Logger log = (Logger) LoggerFactory.getLogger(ClusterChanges.class);
        Stuck stuck = new Stuck();
        stuck.start();
        try (TestCluster cluster = new TestCluster(dir);
                Admin admin = cluster.admin()) {
            log.setLevel(Level.INFO); // whatever else the suite shows
            log.addAppender(stuck);
            try {
                create(admin, "first");
                stuck.reached.await(); // somebody has told of it, and stands still
                create(admin, "second");
                ConfigResource settings = new ConfigResource(ConfigResource.Type.TOPIC, "second");
                assertThat(admin.describeConfigs(List.of(settings)).all().get()).hasSize(1);
                assertThat(cluster.broker.trouble()).isEmpty();
            } finally {
                stuck.read.countDown();
                log.detachAppender(stuck);
                log.setLevel(null);
            }
        }
    }

    private static void create(Admin admin, String topic) throws Exception {
        admin.createTopics(
                        List.of(
                                new NewTopic(topic, 1, (short) 1)
                                        .configs(Map.of("retention.ms", "1000"))))
                .all()
                .get();
    }
}
