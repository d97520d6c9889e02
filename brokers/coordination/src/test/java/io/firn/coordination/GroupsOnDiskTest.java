package io.firn.coordination;

import static io.firn.coordination.GroupCalls.beat;
import static io.firn.coordination.GroupCalls.commitLater;
import static io.firn.coordination.GroupCalls.committed;
import static io.firn.coordination.GroupCalls.describe;
import static io.firn.coordination.GroupCalls.joinConsumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.log.HotLog;
import io.firn.log.LogSettings;

import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/// Groups on the real hot log. I12: what is replayed is what was live.
class GroupsOnDiskTest {
    private static final int COMMITS = 20_000;
    private static final LogConfig COMPACTED =
            new LogConfig(
                    Map.of(
                            TopicConfig.CLEANUP_POLICY_CONFIG, "compact",
                            TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, "0.01",
                            TopicConfig.SEGMENT_BYTES_CONFIG, String.valueOf(1 << 20)));

    @TempDir Path dir;

    @Test
    void aCrashLosesNoAnsweredCommitAndNoMember() throws IOException {
        Path copy = dir.resolve("copy");
        Map<String, Long> offsets;
        String described;
        int epoch;
        try (TestCluster cluster = new TestCluster()) {
            cluster.createTopic("public.orders", 4);
            try (HotLog disk = HotLog.open(settings("first"))) {
                GroupCoordination groups = cluster.on(on(disk)).start(Map.of());
                epoch = joinConsumer(groups, "m1").memberEpoch();
                commitMany(groups, "m1", epoch);
                offsets = committed(groups);
                described = describe(groups);
                copy(dir.resolve("first"), copy); // what kill -9 would leave
                cluster.stop();
            }
            try (HotLog disk = HotLog.open(settings("copy"))) {
                GroupCoordination groups = cluster.on(on(disk)).start(Map.of());
                assertThat(committed(groups))
                        .isEqualTo(offsets)
                        .containsEntry("public.orders-3", COMMITS - 1L);
                assertThat(describe(groups)).isEqualTo(described);
                assertThat(beat(groups, "m1", epoch).errorCode()).isEqualTo(Errors.NONE.code());
                cluster.stop();
            }
        }
    }

    @Test
    void compactionKeepsTheStateAndShortensTheLog() {
        try (TestCluster cluster = new TestCluster()) {
            cluster.createTopic("public.orders", 4);
            Map<String, Long> offsets;
            long before;
            try (HotLog disk = HotLog.open(settings("log"))) {
                GroupCoordination groups = cluster.on(on(disk)).start(Map.of());
                commitMany(groups, "", -1);
                offsets = committed(groups);
                before = size(disk);
                cluster.stop();
                disk.housekeep();
                assertThat(size(disk)).isLessThan(before);
            }
            try (HotLog disk = HotLog.open(settings("log"))) {
                GroupCoordination groups = cluster.on(on(disk)).start(Map.of());
                assertThat(committed(groups)).isEqualTo(offsets).hasSize(4);
                commitMany(groups, "", -1);
                assertThat(committed(groups)).isEqualTo(offsets);
                cluster.stop();
            }
        }
    }

    private static void commitMany(GroupCoordination groups, String member, int epoch) {
        List<CompletableFuture<Errors>> answers = new ArrayList<>();
        for (int i = 0; i < COMMITS; i++) {
            answers.add(commitLater(groups, "public.orders", i % 4, i, member, epoch));
        }
        assertThat(answers).allSatisfy(it -> assertThat(it.join()).isEqualTo(Errors.NONE));
    }

    private LogSettings settings(String name) {
        return LogSettings.of(dir.resolve(name)).withRingBytes(8 << 20);
    }

    private static CoordinatorLogs on(HotLog disk) {
        return (id, epoch) -> {
            var log = disk.open(id, COMPACTED);
            log.becomeLeader(epoch);
            return log;
        };
    }

    private static long size(HotLog disk) {
        return disk.known().stream().mapToLong(it -> disk.open(it, COMPACTED).sizeBytes()).sum();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            files.forEach(
                    it -> {
                        try {
                            Files.copy(it, to.resolve(from.relativize(it).toString()));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }
    }
}
