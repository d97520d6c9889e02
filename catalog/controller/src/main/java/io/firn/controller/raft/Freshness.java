package io.firn.controller.raft;

import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.loader.LoaderManifest;
import org.apache.kafka.image.publisher.MetadataPublisher;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/// How long ago this node's copy of the metadata log last moved. The leading controller writes a
/// record of nothing when it has nothing to say ([#IDLE]), so a copy that stands still has lost its
/// quorum, its network, or whoever applies it here. Thread safe.
public final class Freshness implements MetadataPublisher {
    /// After this long without a change the controller writes a record that changes nothing.
    public static final Duration IDLE = Duration.ofSeconds(5);

    /// Three such records have not come.
    static final Duration STALE = IDLE.multipliedBy(3);

    private final LongSupplier nanos;
    private volatile long movedAt;

    public Freshness() {
        this(System::nanoTime);
    }

    public Freshness(LongSupplier nanos) {
        this.nanos = nanos;
        this.movedAt = nanos.getAsLong();
    }

    @Override
    public String name() {
        return "Freshness";
    }

    @Override
    public void onMetadataUpdate(
            MetadataDelta delta, MetadataImage newImage, LoaderManifest manifest) {
        moved();
    }

    /// The copy moved.
    void moved() {
        movedAt = nanos.getAsLong();
    }

    public Duration age() {
        return Duration.ofNanos(nanos.getAsLong() - movedAt);
    }

    /// In words, once it is [#STALE].
    public Optional<String> stale() {
        Duration age = age();
        return age.compareTo(STALE) <= 0
                ? Optional.empty()
                : Optional.of(
                        "no metadata has come for %d s: no controller leads, or none is reached"
                                .formatted(age.toSeconds()));
    }
}
