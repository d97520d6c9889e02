package io.firn.coordination;

import org.apache.kafka.image.TopicImage;
import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Which partitions of one internal topic a broker leads, with their leader epochs.
record Leadership(Map<Integer, Integer> epochs) {
    static final Leadership NONE = new Leadership(Map.of());

    Leadership {
        epochs = Map.copyOf(epochs);
    }

    static Leadership of(@Nullable TopicImage topic, int brokerId) {
        Map<Integer, Integer> epochs = new HashMap<>();
        if (topic != null) {
            topic.partitions()
                    .forEach(
                            (partition, it) -> {
                                if (it.leader == brokerId) {
                                    epochs.put(partition, it.leaderEpoch);
                                }
                            });
        }
        return new Leadership(epochs);
    }

    /// Partitions led now that were not, or not with this epoch, before.
    Map<Integer, Integer> electedSince(Leadership before) {
        Map<Integer, Integer> elected = new TreeMap<>(epochs);
        elected.entrySet().removeAll(before.epochs().entrySet());
        return elected;
    }

    /// Partitions led before and not now.
    Set<Integer> resignedSince(Leadership before) {
        Set<Integer> resigned = new TreeSet<>(before.epochs().keySet());
        resigned.removeAll(epochs.keySet());
        return resigned;
    }
}
