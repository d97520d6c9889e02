package io.firn.log.model;

import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What all partitions of a disk have to hold.
final class Model {
    static final int SLOTS = 4;

    /// By name; null where there is none now.
    private final @Nullable PartitionModel[] slots = new PartitionModel[SLOTS];
    /// Deleted for good: they may not come back.
    private final Set<TopicIdPartition> deleted = new HashSet<>();
    /// Taken out of use by another topic of their name: they come back as they were (L14).
    private final Map<TopicIdPartition, PartitionModel> strays = new HashMap<>();
    /// Ids that a name had.
    private final List<List<Uuid>> ids = new ArrayList<>();

    Model() {
        for (int i = 0; i < SLOTS; i++) {
            ids.add(new ArrayList<>());
        }
    }

    Model copy() {
        var copy = new Model();
        for (int i = 0; i < SLOTS; i++) {
            PartitionModel one = slots[i];
            copy.slots[i] = one == null ? null : one.copy();
            copy.ids.get(i).addAll(ids.get(i));
        }
        copy.deleted.addAll(deleted);
        strays.forEach((partition, one) -> copy.strays.put(partition, one.copy()));
        return copy;
    }

    @Nullable PartitionModel slot(int slot) {
        return slots[slot];
    }

    void made(int slot, PartitionModel one) {
        slots[slot] = one;
        deleted.remove(one.partition);
        strays.remove(one.partition);
        ids.get(slot).add(one.partition.topicId());
    }

    void deleted(int slot) {
        PartitionModel gone = slots[slot];
        if (gone != null) {
            deleted.add(gone.partition);
        }
        slots[slot] = null;
    }

    void stray(int slot) {
        PartitionModel gone = slots[slot];
        if (gone != null) {
            strays.put(gone.partition, gone);
        }
        slots[slot] = null;
    }

    /// Nobody asks for it any more.
    void forget(int slot, TopicIdPartition partition) {
        ids.get(slot).remove(partition.topicId());
    }

    Map<TopicIdPartition, PartitionModel> strays() {
        return strays;
    }

    List<Uuid> ids(int slot) {
        return ids.get(slot);
    }

    Set<TopicIdPartition> deleted() {
        return deleted;
    }

    List<PartitionModel> all() {
        var all = new ArrayList<PartitionModel>();
        for (PartitionModel one : slots) {
            if (one != null) {
                all.add(one);
            }
        }
        return all;
    }

    void mayBeKeptHouse() {
        all().forEach(PartitionModel::mayBeKeptHouse);
    }
}
