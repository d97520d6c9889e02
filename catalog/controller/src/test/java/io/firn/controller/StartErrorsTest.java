package io.firn.controller;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.controller.image.ImageInspector;

import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;

class StartErrorsTest {
    private static final byte[] KEY = "cluster key of the tests".getBytes();

    @TempDir Path dir;

    @Test
    void aFolderInUseIsRefused() {
        try (ControllerNode first = ControllerNode.start(ControllerConfig.single(100, dir, KEY))) {
            assertThatThrownBy(() -> ControllerNode.start(ControllerConfig.single(100, dir, KEY)))
                    .hasMessageContaining("another process holds it");
        }
    }

    @Test
    void aFolderOfAnotherClusterOrNodeIsRefusedAndStaysUsable() {
        ControllerNode.start(ControllerConfig.single(100, dir, KEY)).close();
        String other = Uuid.randomUuid().toString();
        assertThatThrownBy(
                        () ->
                                ControllerNode.start(
                                        new ControllerConfig(
                                                100, other, dir, "127.0.0.1", 0, Map.of(), KEY)))
                .hasMessageContaining("belongs to cluster");
        assertThatThrownBy(() -> ControllerNode.start(ControllerConfig.single(101, dir, KEY)))
                .hasMessageContaining("belongs to node 100");
        ControllerNode.start(ControllerConfig.single(100, dir, KEY)).close();
    }

    @Test
    void aTakenPortIsNamedAndLeavesTheFolderFree() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            assertThatThrownBy(
                            () ->
                                    ControllerNode.start(
                                            new ControllerConfig(
                                                    100,
                                                    "",
                                                    dir,
                                                    "127.0.0.1",
                                                    taken.getLocalPort(),
                                                    Map.of(),
                                                    KEY)))
                    .hasMessageContaining(Integer.toString(taken.getLocalPort()));
        }
        ControllerNode.start(ControllerConfig.single(100, dir, KEY)).close();
    }

    @Test
    void aFolderWithoutALogHasNoImageToInspect() {
        assertThatThrownBy(() -> ImageInspector.read(dir)).hasMessageContaining("No metadata log");
    }
}
