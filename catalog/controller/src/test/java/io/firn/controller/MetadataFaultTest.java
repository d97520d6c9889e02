package io.firn.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.controller.image.ClusterImage;
import io.firn.controller.member.ClusterFollower;
import io.firn.controller.member.FollowerConfig;
import io.firn.controller.request.ChangeOffset;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.metadata.ConfigRecord;
import org.apache.kafka.common.metadata.PartitionChangeRecord;
import org.apache.kafka.common.metadata.RemoveTopicRecord;
import org.apache.kafka.common.metadata.TopicRecord;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.raft.KafkaRaftClient;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/// Records in the metadata log that do not apply, and roles that cannot follow an image.
@Timeout(120)
class MetadataFaultTest {
    private static final byte[] KEY = "cluster key of the tests".getBytes();
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir Path dir;

    private ControllerNode controller;
    private ClusterFollower follower;

    @BeforeEach
    void start() {
        controller = ControllerNode.start(ControllerConfig.single(100, dir.resolve("c"), KEY));
        follower = follower("f", false);
        eventually(controller::isActive);
    }

    @AfterEach
    void stop() {
        follower.close();
        controller.close();
    }

    @Test
    void aRecordThatDoesNotApplyIsFatalOnAControllerAndInItsProcess() throws Exception {
        try (ClusterFollower beside = follower("beside", true)) {
            append(nonsense());
            assertThatThrownBy(() -> controller.failure().get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("controller-100");
            assertThatThrownBy(() -> beside.failure().get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("follower");
        }
        assertThat(controller.fault()).isPresent();
    }

    @Test
    void aFollowerGoesOnWithTheRestAndSaysThatItHasAHole() {
        assertThat(follower.fault()).isEmpty();
        append(nonsense());
        eventually(() -> follower.fault().isPresent());
        append(new TopicRecord().setName("public.after").setTopicId(Uuid.randomUuid()));
        follower.await(image -> image.topic("public.after").isPresent(), SOON);
        assertThat(follower.failure()).isNotDone();
        assertThat(follower.fault().orElseThrow()).contains("loading metadata");
    }

    @Test
    void anImageWithAHoleIsNeverMadeASnapshot() throws IOException {
        var snapshotsBefore = snapshots();
        Snapshots.replayed(follower, 40 << 20);
        eventually(() -> snapshots().size() > snapshotsBefore.size());
        append(nonsense());
        eventually(() -> follower.fault().isPresent());
        append(new TopicRecord().setName("public.after").setTopicId(Uuid.randomUuid()));
        follower.await(image -> image.topic("public.after").isPresent(), SOON);
        var snapshotsAtFault = snapshots();
        Snapshots.replayed(follower, 40 << 20);
        pause(Duration.ofSeconds(1));
        assertThat(snapshots()).isEqualTo(snapshotsAtFault);
    }

    @Test
    void aRoleThatCannotFollowIsHeardOfAndTheOthersFollow() throws Exception {
        AtomicInteger followed = new AtomicInteger();
        follower.subscribe(
                        (delta, image) -> {
                            if (image.topic("public.odd").isPresent()) {
                                throw new IllegalStateException("cannot lead it");
                            }
                        })
                .get(20, TimeUnit.SECONDS);
        follower.subscribe((delta, image) -> followed.set(image.topics().size()))
                .get(20, TimeUnit.SECONDS);
        append(new TopicRecord().setName("public.odd").setTopicId(Uuid.randomUuid()));
        follower.await(image -> image.topic("public.odd").isPresent(), SOON);
        assertThat(followed).hasValue(1);
        assertThat(follower.fault().orElseThrow()).contains("cannot lead it");
        assertThat(follower.failure()).isNotDone();
    }

    @Test
    void aRoleThatCannotFollowItsFirstImageIsFatal() {
        assertThatThrownBy(
                        () ->
                                follower.subscribe(
                                                (delta, image) -> {
                                                    throw new IllegalStateException("no start");
                                                })
                                        .get(20, TimeUnit.SECONDS))
                .hasMessageContaining("no start");
        assertThat(follower.failure()).isCompletedExceptionally();
    }

    // DESIGN 13: whoever acts on an image finds the roles of this process where it says.
    @Test
    void anImageIsShownWhenTheRolesHaveFollowedIt() throws Exception {
        AtomicInteger topicsFollowed = new AtomicInteger();
        follower.subscribe(
                        (delta, image) -> {
                            pause(Duration.ofMillis(100));
                            topicsFollowed.set(image.topics().size());
                        })
                .get(20, TimeUnit.SECONDS);
        append(new TopicRecord().setName("public.slow").setTopicId(Uuid.randomUuid()));
        follower.await(image -> image.topic("public.slow").isPresent(), SOON);
        assertThat(topicsFollowed).hasValue(1);
    }

    @Test
    void whoWaitsForAnOffsetWaitsForItAndASecondAtMost() throws Exception {
        assertThat(follower.shows(ChangeOffset.UNKNOWN)).isDone();
        assertThat(follower.shows(follower.image().offset())).isDone();
        long next = follower.image().offset() + 1;
        var shown = follower.shows(next);
        var never = follower.shows(next + 1_000_000);
        append(new TopicRecord().setName("public.next").setTopicId(Uuid.randomUuid()));
        shown.get(20, TimeUnit.SECONDS);
        assertThat(follower.image().topic("public.next")).isPresent();
        never.get(5, TimeUnit.SECONDS);
    }

    // Who starts, or is behind, reads all of it in one delta; in one batch it always is.
    @Test
    void aTopicMadeAgainHasNoneOfTheSettingsThatTheOneBeforeItHad() {
        Uuid first = Uuid.randomUuid();
        Uuid second = Uuid.randomUuid();
        append(
                new TopicRecord().setName("public.again").setTopicId(first),
                retention("public.again", "1000"),
                new RemoveTopicRecord().setTopicId(first),
                new TopicRecord().setName("public.again").setTopicId(second),
                retention("public.gone", "7"));
        append(new TopicRecord().setName("public.last").setTopicId(Uuid.randomUuid()));
        follower.await(image -> image.topic("public.last").isPresent(), SOON);
        try (ClusterFollower late = follower("late", false)) {
            for (ClusterFollower reads : List.of(follower, late)) {
                ClusterImage image = reads.image();
                assertThat(image.topicId("public.again")).isEqualTo(second);
                assertThat(image.kafka().configs().configMapForResource(topic("public.again")))
                        .isEmpty();
                assertThat(image.kafka().configs().configMapForResource(topic("public.gone")))
                        .containsEntry("retention.ms", "7");
                assertThat(image.offset()).isEqualTo(follower.image().offset());
                assertThat(reads.fault()).isEmpty();
            }
        }
    }

    /// Each change is a batch of its own, and a late follower reads them at once.
    @Test
    void aFollowerThatStartsLateHasTheSettingsOfThoseThatWereThere() {
        for (int i = 0; i < 20; i++) {
            Uuid id = Uuid.randomUuid();
            append(
                    new TopicRecord().setName("public.often").setTopicId(id),
                    retention("public.often", "" + i));
            append(new RemoveTopicRecord().setTopicId(id));
        }
        append(new TopicRecord().setName("public.often").setTopicId(Uuid.randomUuid()));
        follower.await(image -> image.topic("public.often").isPresent(), SOON);
        try (ClusterFollower late = follower("late", false)) {
            late.await(image -> image.topic("public.often").isPresent(), SOON);
            assertThat(late.image().kafka().configs().configMapForResource(topic("public.often")))
                    .isEmpty();
            assertThat(late.image().kafka().configs())
                    .isEqualTo(follower.image().kafka().configs());
        }
    }

    private static ConfigRecord retention(String topic, String ms) {
        return new ConfigRecord()
                .setResourceType(ConfigResource.Type.TOPIC.id())
                .setResourceName(topic)
                .setName("retention.ms")
                .setValue(ms);
    }

    private static ConfigResource topic(String name) {
        return new ConfigResource(ConfigResource.Type.TOPIC, name);
    }

    private ClusterFollower follower(String folder, boolean besideController) {
        ClusterFollower started =
                ClusterFollower.start(
                        new FollowerConfig(
                                -1,
                                "",
                                dir.resolve(folder),
                                controller.voters(),
                                KEY,
                                besideController));
        started.awaitCaughtUp(SOON);
        return started;
    }

    private static ApiMessage nonsense() {
        return new PartitionChangeRecord().setTopicId(Uuid.randomUuid()).setPartitionId(3);
    }

    /// Writes to the log itself what no controller would write.
    private void append(ApiMessage... records) {
        KafkaRaftClient<ApiMessageAndVersion> raft = controller.raft().client();
        raft.prepareAppend(
                raft.leaderAndEpoch().epoch(),
                Arrays.stream(records).map(r -> new ApiMessageAndVersion(r, (short) 0)).toList());
        raft.schedulePreparedAppend();
    }

    private List<Path> snapshots() {
        try (Stream<Path> files = Files.walk(dir.resolve("f"))) {
            return files.filter(f -> f.toString().endsWith(".checkpoint")).sorted().toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + SOON.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            pause(Duration.ofMillis(10));
        }
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
