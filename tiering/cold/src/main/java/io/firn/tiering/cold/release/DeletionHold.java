package io.firn.tiering.cold.release;

import io.firn.tiering.cold.PartitionKey;
import io.firn.tiering.cold.TieringMetrics;
import io.firn.tiering.cold.release.TierMemory.Seen;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// C16: a catalog that was restored from a backup, or failed over to a standby that lagged, forgets
/// commits. What it forgot may be in no other place than the local logs, and which partitions are
/// concerned nobody can tell; so from the first one that is seen going back, this broker deletes
/// nothing at all until each of them is again where it was.
public final class DeletionHold {
    private static final Logger LOG = LoggerFactory.getLogger(DeletionHold.class);

    private final Set<PartitionKey> back = ConcurrentHashMap.newKeySet();
    private final TieringMetrics metrics;
    private final Consumer<Boolean> holding;

    /// @param holding is told when the hold begins and ends
    public DeletionHold(TieringMetrics metrics, Consumer<Boolean> holding) {
        this.metrics = metrics;
        this.holding = holding;
    }

    public boolean held() {
        return !back.isEmpty();
    }

    public synchronized void wentBack(
            PartitionKey key, String name, Seen seen, long generation, long end) {
        boolean first = back.isEmpty();
        if (!back.add(key)) {
            return;
        }
        LOG.error(
                "The catalog went back for {}: it was at generation {} with the table's end at {},"
                        + " and is now at {} with {}. This broker deletes no local copy of any"
                        + " partition and applies no retention until the catalog has what it had."
                        + " Restore the catalog's database to its latest state; if what it forgot"
                        + " is given up, stop the broker and remove its file cold-memory.",
                name,
                seen.generation(),
                seen.coldEnd(),
                generation,
                end);
        metrics.deletesHeld(back.size());
        if (first) {
            holding.accept(true);
        }
    }

    public synchronized void caughtUp(PartitionKey key, String name) {
        if (!back.remove(key)) {
            return;
        }
        metrics.deletesHeld(back.size());
        LOG.warn("The catalog has caught up with what was seen of {}", name);
        if (back.isEmpty()) {
            LOG.warn("No partition of the catalog is behind any more: deletions go on");
            holding.accept(false);
        }
    }

    /// The partition is led elsewhere, or gone: its leader looks after it.
    public synchronized void leave(PartitionKey key, String name) {
        caughtUp(key, name);
    }
}
