package io.firn.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.controller.image.ImageInspector;

import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
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
    void aDamagedMetadataLogIsRefusedAndNothingOfItIsCut() throws Exception { // B10
        makeRecords();
        Path log = dir.resolve("__cluster_metadata-0/00000000000000000000.log");
        byte[] whole = Files.readAllBytes(log);
        byte[] damaged = whole.clone();
        damaged[whole.length / 4] ^= 1;
        Files.write(log, damaged);
        assertThatThrownBy(() -> ControllerNode.start(ControllerConfig.single(100, dir, KEY)))
                .hasMessageContaining(log.toString())
                .hasMessageContaining("is damaged, and whole ones follow it")
                .hasMessageContaining("Restore the folder from a copy");
        assertThat(Files.readAllBytes(log)).isEqualTo(damaged);

        Files.write(log, whole);
        ControllerNode.start(ControllerConfig.single(100, dir, KEY)).close();
    }

    @Test
    void whatACrashLeavesOfTheLastBatchIsNoDamage() throws Exception {
        makeRecords();
        Path log = dir.resolve("__cluster_metadata-0/00000000000000000000.log");
        byte[] whole = Files.readAllBytes(log);
        Files.write(log, Arrays.copyOf(whole, whole.length - 5));
        ControllerNode.start(ControllerConfig.single(100, dir, KEY)).close();
    }

    /// A controller that leads writes a record each half second.
    private void makeRecords() throws Exception {
        Path log = dir.resolve("__cluster_metadata-0/00000000000000000000.log");
        try (var controller = ControllerNode.start(ControllerConfig.single(100, dir, KEY))) {
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            long first = -1;
            while (System.nanoTime() < deadline) {
                if (controller.isActive() && first < 0) {
                    first = Files.size(log);
                }
                if (first >= 0 && Files.size(log) > first + 300) {
                    return;
                }
                Thread.sleep(50);
            }
        }
        throw new AssertionError("The controller writes nothing");
    }

    @Test
    void aFolderWithoutALogHasNoImageToInspect() {
        assertThatThrownBy(() -> ImageInspector.read(dir)).hasMessageContaining("No metadata log");
    }

    @Test
    void aDamagedFileOfTheMetadataFolderIsNamedAndOnceRestoredAllIsWell() throws Exception {
        ControllerNode first = ControllerNode.start(ControllerConfig.single(100, dir, KEY));
        String cluster = first.clusterId();
        first.close();
        for (String name : List.of("meta.properties", "__cluster_metadata-0/quorum-state")) {
            Path file = dir.resolve(name);
            byte[] whole = Files.readAllBytes(file);
            for (int length : List.of(whole.length / 2, whole.length - 1, 1)) {
                if (name.startsWith("_") && length == whole.length - 1) {
                    length = whole.length - 2;
                }
                Files.write(file, Arrays.copyOf(whole, length));
                assertThatThrownBy(
                                () ->
                                        ControllerNode.start(
                                                new ControllerConfig(
                                                        100,
                                                        cluster,
                                                        dir,
                                                        "127.0.0.1",
                                                        0,
                                                        Map.of(),
                                                        KEY)))
                        .hasMessageContaining(file.toString())
                        .hasMessageContaining("the file is damaged")
                        .hasMessageContaining("from a copy")
                        .hasMessageNotContaining("\n");
            }
            Files.write(file, whole);
            ControllerNode.start(ControllerConfig.single(100, dir, KEY)).close();
        }
        Files.delete(dir.resolve("__cluster_metadata-0/quorum-state")); // the way out that it names
        ControllerNode.start(ControllerConfig.single(100, dir, KEY)).close();
    }
}
