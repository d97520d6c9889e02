package io.firn.tiering.cold.offload;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;

import io.firn.objectstore.InMemoryObjectStore;
import io.firn.tiering.cold.FakeCatalog;
import io.firn.tiering.cold.FakeLog;
import io.firn.tiering.cold.Faults;
import io.firn.tiering.cold.TieringMetrics;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

class OffloadWarningsTest {
    @TempDir Path dir;

    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger("io.firn.tiering.cold");

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final FakeLog partition = new FakeLog();
    private final OffloadWarnings warnings =
            new OffloadWarnings(
                    partition.lead(1, new Faults()), TieringMetrics.NONE, Duration.ofSeconds(20));

    @BeforeEach
    void listen() {
        log.start();
        LOGGER.setLevel(Level.INFO);
        LOGGER.setAdditive(false);
        LOGGER.addAppender(log);
    }

    @AfterEach
    void listenNoMore() {
        LOGGER.detachAppender(log);
        LOGGER.setAdditive(true);
        LOGGER.setLevel(null);
    }

    private List<String> said(Level level) {
        return List.copyOf(log.list).stream()
                .filter(event -> event.getLevel() == level)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Test
    void anOutageIsOneLineUntilItsReasonChanges() {
        for (int i = 0; i < 3; i++) {
            warnings.waits("No catalog answers");
        }
        warnings.waits("The store is away");
        warnings.getsOn();
        warnings.getsOn();
        warnings.waits("The store is away");
        assertThat(said(Level.WARN))
                .extracting(line -> line.replaceFirst(".*waits: ", ""))
                .containsExactly("No catalog answers", "The store is away", "The store is away");
        assertThat(said(Level.INFO)).hasSize(1).allMatch(line -> line.endsWith("goes on"));
    }

    @Test
    void aLogThatIsNotKnownYetIsWaitedForWithoutAStackTrace() throws Exception {
        partition.unknown = true;
        partition.segment(1, 5);
        try (var offloader =
                new Offloader(
                        new FakeCatalog().client(new Faults()),
                        new InMemoryObjectStore(),
                        OffloaderTest.settings(dir),
                        TieringMetrics.NONE)) {
            offloader.lead(partition.lead(1, new Faults()));
            OffloaderTest.await("some tries", () -> partition.askedInVain.get() > 3);
            partition.unknown = false;
            OffloaderTest.await("offload", () -> partition.tiered == 5);
        }
        assertThat(said(Level.ERROR)).isEmpty();
        assertThat(said(Level.WARN)).singleElement().asString().endsWith("waits: not on this disk");
    }
}
