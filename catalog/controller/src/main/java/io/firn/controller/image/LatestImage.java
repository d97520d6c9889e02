package io.firn.controller.image;

import org.apache.kafka.image.MetadataImage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// The image that counts now, and those who wait for another one.
public final class LatestImage {
    private static final long LOOK_AGAIN_MS = 50;

    /// Somebody who waits for an offset.
    private record Waiting(long offset, CompletableFuture<Void> shown)
            implements Comparable<Waiting> {
        @Override
        public int compareTo(Waiting other) {
            return Long.compare(offset, other.offset);
        }
    }

    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>();
    private volatile ClusterImage image;

    public LatestImage(String clusterId) {
        this.image = new ClusterImage(MetadataImage.EMPTY, clusterId, -1);
    }

    public ClusterImage image() {
        return image;
    }

    public void move(ClusterImage next) {
        List<Waiting> due = new ArrayList<>();
        synchronized (this) {
            image = next;
            notifyAll();
            while (!waiting.isEmpty() && waiting.peek().offset() <= next.offset()) {
                due.add(waiting.remove());
            }
        }
        due.forEach(one -> one.shown().complete(null));
    }

    public synchronized void leader(int controllerId) {
        image = image.ledBy(controllerId);
        notifyAll();
    }

    /// Completes when the image has come to the offset, or is late.
    public CompletableFuture<Void> shows(long offset, Duration atMost) {
        Waiting one;
        synchronized (this) {
            if (image.offset() >= offset) {
                return CompletableFuture.completedFuture(null);
            }
            one = new Waiting(offset, new CompletableFuture<>());
            waiting.add(one);
        }
        return one.shown()
                .completeOnTimeout(null, atMost.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((shown, error) -> forget(one));
    }

    private synchronized void forget(Waiting one) {
        waiting.removeIf(other -> other == one);
    }

    /// Looks at every change, and now and then besides, since the condition may look elsewhere too.
    ///
    /// @return whether the condition held in time
    public synchronized boolean await(Predicate<ClusterImage> condition, Duration timeout) {
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
