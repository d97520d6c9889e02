package io.firn.controller;

import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.loader.LoaderManifest;
import org.apache.kafka.image.publisher.MetadataPublisher;
import org.apache.kafka.metadata.properties.MetaProperties;
import org.apache.kafka.raft.Endpoints;
import org.apache.kafka.raft.LeaderAndEpoch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/// Follows the metadata log as an observer. One per process: `standalone` shares one between roles.
public final class ClusterFollower implements AutoCloseable {
    /// Called in order on the follower's thread, after [#image()] has moved: never blocks.
    @FunctionalInterface
    public interface Subscriber {
        void changed(MetadataDelta delta, ClusterImage image);
    }

    private static final Logger LOG = LoggerFactory.getLogger(ClusterFollower.class);

    private final String name;
    private final RaftFolder folder;
    private final RaftNode raft;
    private final Faults faults;
    private final LatestImage latest;
    private final Map<Integer, InetSocketAddress> voters;
    private final Map<Subscriber, MetadataPublisher> subscribers = new ConcurrentHashMap<>();
    private final AtomicInteger subscriptions = new AtomicInteger();

    private ClusterFollower(FollowerConfig config) {
        boolean named = config.nodeId() >= 0 && !config.voters().containsKey(config.nodeId());
        this.name = "follower-" + (named ? config.nodeId() : "x");
        this.voters = config.voters();
        this.faults = new Faults(name);
        this.folder = RaftFolder.lock(config.dir());
        try {
            MetaProperties properties =
                    folder.marked(
                            Math.max(0, config.nodeId()),
                            config.clusterId(),
                            () -> ClusterIds.ask(config.voters()));
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
                            faults);
        } catch (RuntimeException | Error e) {
            folder.close();
            throw e;
        }
        raft.start(config.voters(), List.of(new ImagePublisher()));
    }

    /// Returns at once when the cluster id is known; the image is empty until a controller has
    /// said how far the log goes.
    ///
    /// @throws IllegalStateException if the folder is in use, or of another cluster
    public static ClusterFollower start(FollowerConfig config) {
        return new ClusterFollower(config);
    }

    public ClusterImage image() {
        return latest.image();
    }

    /// The subscriber is first called with everything that is known, as one delta.
    public void subscribe(Subscriber subscriber) {
        MetadataPublisher publisher =
                new SubscriberPublisher(subscriptions.incrementAndGet(), subscriber);
        if (subscribers.putIfAbsent(subscriber, publisher) != null) {
            throw new IllegalArgumentException(subscriber + " has subscribed already");
        }
        raft.loader().installPublishers(List.of(publisher));
    }

    public void unsubscribe(Subscriber subscriber) {
        MetadataPublisher publisher = subscribers.remove(subscriber);
        if (publisher != null) {
            raft.loader().removeAndClosePublisher(publisher);
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

    /// Completes exceptionally when this follower cannot go on; the process then has to restart.
    public CompletableFuture<Void> failure() {
        return faults.failure();
    }

    @Override
    public void close() {
        Closing closing = new Closing(name);
        closing.step(raft::close);
        closing.step(folder::close);
    }

    /// Installed first, so that the image has moved when subscribers hear of it.
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
            latest.move(newImage);
        }
    }

    private final class SubscriberPublisher implements MetadataPublisher {
        private final int number;
        private final Subscriber subscriber;

        SubscriberPublisher(int number, Subscriber subscriber) {
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
            try {
                subscriber.changed(delta, latest.image());
            } catch (RuntimeException e) {
                LOG.error("{}: a subscriber failed at offset {}", name, newImage.offset(), e);
            }
        }
    }
}
