package io.firn.controller;

import org.apache.kafka.image.MetadataDelta;

import java.time.Duration;
import java.util.OptionalInt;

/// Follows the metadata log as an observer. One per process: `standalone` shares one between roles.
public final class ClusterFollower implements AutoCloseable {
    /// Called in order on the follower's thread, after [#image()] has moved: never blocks.
    @FunctionalInterface
    public interface Subscriber {
        void changed(MetadataDelta delta, ClusterImage image);
    }

    private ClusterFollower() {}

    /// Returns at once; the image is the one before any record until the log has been read.
    public static ClusterFollower start(FollowerConfig config) {
        throw new UnsupportedOperationException();
    }

    public ClusterImage image() {
        throw new UnsupportedOperationException();
    }

    /// The subscriber is first called with everything that is known, as one delta.
    public void subscribe(Subscriber subscriber) {
        throw new UnsupportedOperationException();
    }

    public void unsubscribe(Subscriber subscriber) {
        throw new UnsupportedOperationException();
    }

    /// Waits until the image has everything that was committed when the controller answered last.
    public void awaitCaughtUp(Duration timeout) {
        throw new UnsupportedOperationException();
    }

    /// Waits until the image satisfies the condition, for example shows a topic just created.
    public void await(java.util.function.Predicate<ClusterImage> condition, Duration timeout) {
        throw new UnsupportedOperationException();
    }

    /// The quorum's leader as known here.
    public OptionalInt leader() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
