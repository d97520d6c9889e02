package io.firn.controller.member;

import io.firn.controller.image.ClusterImage;
import io.firn.controller.image.ClusterView;
import io.firn.controller.image.LatestImage;
import io.firn.controller.raft.Faults;
import io.firn.controller.raft.Freshness;
import io.firn.controller.raft.RaftFolder;
import io.firn.controller.raft.RaftNode;
import io.firn.protocol.CloseStack;
import io.firn.protocol.RateLimitedLog;

import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.loader.LoaderManifest;
import org.apache.kafka.image.publisher.MetadataPublisher;
import org.apache.kafka.metadata.properties.MetaProperties;
import org.apache.kafka.raft.Endpoints;
import org.apache.kafka.raft.LeaderAndEpoch;
import org.slf4j.LoggerFactory;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/// Follows the metadata log as an observer. One per process: all its roles share its image, and
/// what they make of it (leaderships, coordinators) is up to date before the image is shown
/// (DESIGN
// §13).
public final class ClusterFollower implements ClusterView, AutoCloseable {
    /// Called in order on the follower's thread, before [#image()] moves: never blocks, and logs
    /// nothing that clients cause: standard error may be a pipe that nobody reads.
    @FunctionalInterface
    public interface Subscriber {
        void changed(MetadataDelta delta, ClusterImage image);
    }

    private static final RateLimitedLog LIMITED = // one line for each change that clients make
            new RateLimitedLog(LoggerFactory.getLogger(ClusterFollower.class));

    /// A change that is not shown after so long is answered all the same.
    private static final Duration SHOWN_WITHIN = Duration.ofSeconds(1);

    private final String name;
    private final RaftFolder folder;
    private final RaftNode raft;
    private final Faults faults;
    private final LatestImage latest;
    private final Freshness freshness = new Freshness();
    private final Map<Integer, InetSocketAddress> voters;
    private final byte[] clusterKey;
    private final Map<Subscriber, Subscription> subscribers = new ConcurrentHashMap<>();
    private final AtomicInteger subscriptions = new AtomicInteger();

    /// Those that have had their first image, in order; of the follower's thread.
    private final List<Subscription> following = new ArrayList<>();

    private ClusterFollower(FollowerConfig config) {
        boolean named = config.nodeId() >= 0 && !config.voters().containsKey(config.nodeId());
        this.name = "follower-" + (named ? config.nodeId() : "x");
        this.voters = config.voters();
        this.clusterKey = config.clusterKey();
        this.faults = new Faults(name, config.besideController());
        this.folder = RaftFolder.lock(config.dir());
        try {
            MetaProperties properties =
                    folder.marked(
                            Math.max(0, config.nodeId()),
                            config.clusterId(),
                            () -> ClusterIds.ask(config.voters(), config.clusterKey()));
            String clusterId = properties.clusterId().orElseThrow();
            this.latest = new LatestImage(clusterId);
            this.raft =
                    new RaftNode(
                            name,
                            named ? OptionalInt.of(config.nodeId()) : OptionalInt.empty(),
                            properties.directoryId().orElseThrow(),
                            clusterId,
                            config.dir(),
                            Endpoints.empty(),
                            false,
                            config.clusterKey(),
                            faults);
        } catch (RuntimeException | Error e) {
            folder.close();
            throw e;
        }
        raft.start(config.voters(), List.of(new ImagePublisher(), freshness));
    }

    /// Returns at once when the cluster id is known; the image is empty until a controller has
    /// said how far the log goes.
    ///
    /// @throws IllegalStateException if the folder is in use, or of another cluster
    public static ClusterFollower start(FollowerConfig config) {
        return new ClusterFollower(config);
    }

    @Override
    public ClusterImage image() {
        return latest.image();
    }

    @Override
    public CompletableFuture<Void> shows(long offset) {
        return latest.shows(offset, SHOWN_WITHIN)
                .whenComplete((shown, error) -> tellIfLate(offset, image()));
    }

    private void tellIfLate(long offset, ClusterImage image) {
        if (image.offset() < offset) {
            LIMITED.warn(
                    "{} has waited {} ms in vain to show a change at offset {} of the metadata log: the image is at {} and last moved {} ms ago. The change is made and answered; who reads here may see what was before it",
                    name,
                    SHOWN_WITHIN.toMillis(),
                    offset,
                    image.offset(),
                    freshness.age().toMillis());
        }
    }

    /// The subscriber is first called with everything that is known, as one delta.
    ///
    /// @return completes after that first call; exceptionally if it threw, and then this follower
    ///     has failed
    public CompletableFuture<Void> subscribe(Subscriber subscriber) {
        Subscription subscription = new Subscription(subscriptions.incrementAndGet(), subscriber);
        if (subscribers.putIfAbsent(subscriber, subscription) != null) {
            throw new IllegalArgumentException(subscriber + " has subscribed already");
        }
        raft.loader().installPublishers(List.of(subscription));
        return subscription.first;
    }

    public void unsubscribe(Subscriber subscriber) {
        Subscription subscription = subscribers.remove(subscriber);
        if (subscription != null) {
            raft.loader().removeAndClosePublisher(subscription);
        }
    }

    /// Waits until the image has everything that this node knows to be committed; at a start, until
    /// a controller has answered.
    ///
    /// @throws TimeoutException says how far it came
    public void awaitCaughtUp(Duration timeout) {
        await(
                image -> {
                    long end = raft.highWatermark().orElse(-1);
                    return end > 0 && image.offset() >= end - 1;
                },
                timeout);
    }

    /// Waits until the image satisfies the condition, for example shows a topic just created. Not
    /// for event loops and subscribers.
    ///
    /// @throws TimeoutException if it does not in time
    public void await(Predicate<ClusterImage> condition, Duration timeout) {
        if (!latest.await(condition, timeout)) {
            throw new TimeoutException(
                    "%s waited %d ms in vain for the cluster image; it is at offset %d, leader of the controllers: %s"
                            .formatted(name, timeout.toMillis(), image().offset(), leader()));
        }
    }

    /// The quorum's leader as known here.
    public OptionalInt leader() {
        return raft.client().leaderAndEpoch().leaderId();
    }

    /// Every controller's id and address.
    public Map<Integer, InetSocketAddress> voters() {
        return voters;
    }

    public String clusterId() {
        return image().clusterId();
    }

    public RaftNode raft() {
        return raft;
    }

    byte[] clusterKey() {
        return clusterKey.clone();
    }

    /// Why the image is old, in words (`/health`); empty while it is as it should be.
    public Optional<String> trouble() {
        return freshness.stale();
    }

    /// The first fault that only a restart mends, for `/health`: from then on the image has a hole,
    /// or a role does not do what the image says.
    public Optional<String> fault() {
        return faults.standing();
    }

    /// Completes exceptionally when this follower cannot go on; the process then has to restart.
    public CompletableFuture<Void> failure() {
        return faults.failure();
    }

    @Override
    public void close() {
        CloseStack.closeAll(name, raft::close, folder::close);
    }

    /// Installed first; tells the subscribers of each change and only then shows it, so that
    /// whoever acts on an image finds the roles of this process where the image says.
    private final class ImagePublisher implements MetadataPublisher {
        @Override
        public String name() {
            return "ClusterImage";
        }

        @Override
        public void onControllerChange(LeaderAndEpoch leader) {
            latest.leader(leader.leaderId().orElse(-1));
        }

        @Override
        public void onMetadataUpdate(
                MetadataDelta delta, MetadataImage newImage, LoaderManifest manifest) {
            ClusterImage next = latest.image().next(newImage);
            following.forEach(subscription -> subscription.tell(delta, next));
            latest.move(next);
        }
    }

    /// Installed with the loader for its first image, which nobody else can make; the ones after it
    /// come from [ImagePublisher]. On the follower's thread.
    private final class Subscription implements MetadataPublisher {
        final CompletableFuture<Void> first = new CompletableFuture<>();
        private final int number;
        private final Subscriber subscriber;

        Subscription(int number, Subscriber subscriber) {
            this.number = number;
            this.subscriber = subscriber;
        }

        @Override
        public String name() {
            return "Subscriber-" + number;
        }

        @Override
        public void onMetadataUpdate(
                MetadataDelta delta, MetadataImage newImage, LoaderManifest manifest) {
            if (!first.isDone()) {
                tell(delta, latest.image());
                following.add(this);
                first.complete(null);
            }
        }

        void tell(MetadataDelta delta, ClusterImage image) {
            try {
                subscriber.changed(delta, image);
            } catch (RuntimeException | Error e) {
                boolean initial = !first.isDone();
                faults.following(
                        "a role could not follow the image at offset " + image.offset(),
                        e,
                        initial);
                first.completeExceptionally(e);
            }
        }

        @Override
        public void close() {
            following.remove(this);
            first.completeExceptionally(
                    new IllegalStateException(name + " was closed before its first image"));
        }
    }
}
