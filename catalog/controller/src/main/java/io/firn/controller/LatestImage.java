package io.firn.controller;

import org.apache.kafka.image.MetadataImage;

import java.time.Duration;
import java.util.function.Predicate;

/// The image that counts now, and those who wait for another one.
final class LatestImage {
    private static final long LOOK_AGAIN_MS = 50;

    private volatile ClusterImage image;

    LatestImage(String clusterId) {
        this.image = new ClusterImage(MetadataImage.EMPTY, clusterId, -1);
    }

    ClusterImage image() {
        return image;
    }

    synchronized void move(MetadataImage next) {
        image = image.next(next);
        notifyAll();
    }

    synchronized void leader(int controllerId) {
        image = image.ledBy(controllerId);
        notifyAll();
    }

    /// Looks at every change, and now and then besides, since the condition may look elsewhere too.
    ///
    /// @return whether the condition held in time
    synchronized boolean await(Predicate<ClusterImage> condition, Duration timeout) {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        while (!condition.test(image)) {
            long leftMs = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                return false;
            }
            try {
                wait(Math.min(leftMs, LOOK_AGAIN_MS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }
}
