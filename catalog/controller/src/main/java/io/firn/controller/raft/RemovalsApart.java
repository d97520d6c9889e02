package io.firn.controller.raft;

import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.metadata.ConfigRecord;
import org.apache.kafka.common.metadata.RemoveTopicRecord;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.raft.Batch;
import org.apache.kafka.raft.BatchReader;
import org.apache.kafka.raft.LeaderAndEpoch;
import org.apache.kafka.raft.RaftClient;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.apache.kafka.snapshot.SnapshotReader;
import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import java.util.Queue;

/// Cuts what the image loader reads, so that a topic's settings and its removal are never of the
/// same delta: Kafka's delta forgets the settings of a removed topic only if they are in the image
/// that it begins with. Who starts or is behind reads creation and removal at once, and would show
/// those settings on the next topic of that name. (Within a metadata transaction nothing can be
/// cut; the controller removes no topics in one.)
///
/// While a commit is cut the ones after it wait here, as the log has them in that order.
final class RemovalsApart implements RaftClient.Listener<ApiMessageAndVersion> {
    private final RaftClient.Listener<ApiMessageAndVersion> loader;
    private final Queue<BatchReader<ApiMessageAndVersion>> waiting = new ArrayDeque<>();
    private boolean busy;

    RemovalsApart(RaftClient.Listener<ApiMessageAndVersion> loader) {
        this.loader = loader;
    }

    @Override
    public void handleCommit(BatchReader<ApiMessageAndVersion> commit) {
        synchronized (this) {
            if (busy) {
                waiting.add(commit);
                return;
            }
            busy = true;
        }
        loader.handleCommit(new Part(commit, null));
    }

    private void goOn() {
        BatchReader<ApiMessageAndVersion> next;
        synchronized (this) {
            next = waiting.poll();
            busy = next != null;
        }
        if (next != null) {
            loader.handleCommit(new Part(next, null));
        }
    }

    /// Comes only when every commit before it has been read, as those from a follower's log are.
    @Override
    public void handleLoadSnapshot(SnapshotReader<ApiMessageAndVersion> snapshot) {
        loader.handleLoadSnapshot(snapshot);
    }

    @Override
    public void handleLoadBootstrap(SnapshotReader<ApiMessageAndVersion> bootstrap) {
        loader.handleLoadBootstrap(bootstrap);
    }

    @Override
    public void handleLeaderChange(LeaderAndEpoch leader) {
        loader.handleLeaderChange(leader);
    }

    @Override
    public void beginShutdown() {
        loader.beginShutdown();
    }

    /// A commit up to the next removal that has to begin a delta; closed, it hands the rest on.
    /// Read and closed on the loader's thread.
    private final class Part implements BatchReader<ApiMessageAndVersion> {
        private final BatchReader<ApiMessageAndVersion> commit;
        private @Nullable Batch<ApiMessageAndVersion> next;
        private boolean settingsSeen;
        private boolean ended;

        Part(
                BatchReader<ApiMessageAndVersion> commit,
                @Nullable Batch<ApiMessageAndVersion> first) {
            this.commit = commit;
            this.next = first;
        }

        @Override
        public boolean hasNext() {
            if (next == null && !ended && commit.hasNext()) {
                next = commit.next();
            }
            ended |= next != null && removalAfterSettings(next) == 0;
            return next != null && !ended;
        }

        @Override
        public Batch<ApiMessageAndVersion> next() {
            Batch<ApiMessageAndVersion> whole = hasNext() ? next : null;
            if (whole == null) {
                throw new NoSuchElementException();
            }
            int cut = removalAfterSettings(whole);
            if (cut < 0) {
                settingsSeen |= whole.records().stream().anyMatch(r -> isSetting(r.message()));
                next = null;
                return whole;
            }
            ended = true;
            List<ApiMessageAndVersion> records = whole.records();
            next =
                    Batch.data(
                            whole.baseOffset() + cut,
                            whole.epoch(),
                            whole.appendTimestamp(),
                            0, // of the bytes since the last snapshot, all count for the head
                            records.subList(cut, records.size()));
            return Batch.data(
                    whole.baseOffset(),
                    whole.epoch(),
                    whole.appendTimestamp(),
                    whole.sizeInBytes(),
                    records.subList(0, cut));
        }

        /// @return index of the record to cut before, -1 if there is none
        private int removalAfterSettings(Batch<ApiMessageAndVersion> batch) {
            boolean settings = settingsSeen;
            List<ApiMessageAndVersion> records = batch.records(); // none if they are Raft's own
            for (int i = 0; i < records.size(); i++) {
                ApiMessage record = records.get(i).message();
                if (settings && record instanceof RemoveTopicRecord) {
                    return i;
                }
                settings |= isSetting(record);
            }
            return -1;
        }

        private static boolean isSetting(ApiMessage record) {
            return record instanceof ConfigRecord config
                    && config.resourceType() == ConfigResource.Type.TOPIC.id();
        }

        @Override
        public long baseOffset() {
            return commit.baseOffset();
        }

        @Override
        public OptionalLong lastOffset() {
            return commit.lastOffset();
        }

        @Override
        public void close() {
            if (ended) {
                loader.handleCommit(new Part(commit, next));
            } else {
                commit.close();
                goOn();
            }
        }
    }
}
