package io.firn.launcher.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.controller.ControllerNode;
import io.firn.controller.MetadataLog;
import io.firn.launcher.folder.DataFolder;
import io.firn.launcher.health.MetricsServer;
import io.firn.launcher.settings.Settings;
import io.firn.protocol.CloseStack;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metadata.PartitionChangeRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// What a process says of itself when its metadata is not right.
@Timeout(120)
class AssemblyTest {
    private static final byte[] KEY = new byte[32];

    @TempDir Path temp;

    private final CloseStack closers = new CloseStack("the test");
    private Assembly controllers;
    private ControllerNode controller;

    @BeforeEach
    void start() {
        controllers = new Assembly(Settings.empty(), KEY, closers);
        controller = controllers.controller(3000, "", folder("c"), "127.0.0.1", Map.of());
    }

    @AfterEach
    void stop() {
        closers.close();
    }

    @Test
    void healthIsDownWhenTheImageHasAHole() throws Exception { // I12
        Assembly gateways = new Assembly(Settings.empty(), KEY, closers);
        gateways.cluster(-1, controller.clusterId(), folder("g"), controller.voters(), false);
        MetricsServer gatewayHealth = gateways.metrics();
        MetricsServer controllerHealth = controllers.metrics();
        assertThat(health(gatewayHealth)).isEqualTo(200);

        MetadataLog.append(
                controller,
                new PartitionChangeRecord().setTopicId(Uuid.randomUuid()).setPartitionId(1));
        awaitDown(gatewayHealth);
        awaitDown(controllerHealth);
        assertThat(gateways.fault().orElseThrow()).contains("loading metadata");
        assertThat(gateways.failure()).isNotDone();
        assertThatThrownBy(() -> controllers.failure().get(20, TimeUnit.SECONDS))
                .hasMessageContaining("controller-3000");
    }

    private DataFolder folder(String name) {
        return closers.add(DataFolder.open(temp.resolve(name)));
    }

    private static void awaitDown(MetricsServer server) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (health(server) != 503) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    private static int health(MetricsServer server) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "http://127.0.0.1:%d/health"
                                                            .formatted(server.port())))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }
}
