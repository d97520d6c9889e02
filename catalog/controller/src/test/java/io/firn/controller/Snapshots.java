package io.firn.controller;

import io.firn.controller.member.ClusterFollower;

import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.loader.LogDeltaManifest;
import org.apache.kafka.raft.LeaderAndEpoch;

/// Makes a follower's snapshots due.
final class Snapshots {
    private Snapshots() {}

    /// As if so much of the log had been read since the last snapshot.
    static void replayed(ClusterFollower follower, long bytes) {
        MetadataImage image = follower.image().kafka();
        follower.raft()
                .snapshots()
                .onMetadataUpdate(
                        new MetadataDelta.Builder().setImage(image).build(),
                        image,
                        new LogDeltaManifest.Builder()
                                .provenance(image.provenance())
                                .leaderAndEpoch(LeaderAndEpoch.UNKNOWN)
                                .numBatches(1)
                                .elapsedNs(1)
                                .numBytes(bytes)
                                .build());
    }
}
