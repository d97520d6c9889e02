package io.firn.catalog.store.commit;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// What of a table's uploaded segments may be committed now: the contiguous prefix of each
/// partition, and of a file that several segments share, all or nothing.
///
/// @param segments to commit, ascending by partition and offset
/// @param passed never to be committed: to abandon
public record CommitPlan(List<PendingSegment> segments, List<PendingSegment> passed) {
    public CommitPlan {
        segments = List.copyOf(segments);
        passed = List.copyOf(passed);
    }

    /// The data files of the plan, each once.
    public Set<UUID> files() {
        Set<UUID> files = new LinkedHashSet<>();
        segments.forEach(s -> files.addAll(s.files()));
        return files;
    }

    /// @param segmentsOfFile every segment that has rows in a file, whatever its state
    public static CommitPlan of(
            Collection<FenceRow> fences,
            Collection<PendingSegment> pending,
            Map<UUID, Set<UUID>> segmentsOfFile) {
        List<PendingSegment> candidates = new ArrayList<>(pending);
        candidates.sort(
                Comparator.comparingInt(PendingSegment::partition)
                        .thenComparingLong(PendingSegment::start)
                        .thenComparing(PendingSegment::since));
        List<PendingSegment> passed = new ArrayList<>();
        List<PendingSegment> chosen = prefix(fences, candidates, passed);
        candidates.removeAll(passed);
        while (true) {
            Set<UUID> ids = new HashSet<>();
            chosen.forEach(s -> ids.add(s.segmentUuid()));
            List<PendingSegment> torn =
                    chosen.stream()
                            .filter(
                                    s ->
                                            !s.files().stream()
                                                    .allMatch(
                                                            f ->
                                                                    ids.containsAll(
                                                                            segmentsOfFile
                                                                                    .getOrDefault(
                                                                                            f,
                                                                                            Set
                                                                                                    .of()))))
                            .toList();
            if (torn.isEmpty()) {
                return new CommitPlan(chosen, passed);
            }
            candidates.removeAll(torn);
            chosen = prefix(fences, candidates, new ArrayList<>());
        }
    }

    private static List<PendingSegment> prefix(
            Collection<FenceRow> fences,
            List<PendingSegment> candidates,
            List<PendingSegment> passed) {
        Map<Integer, FenceRow> next = new HashMap<>();
        fences.forEach(f -> next.put(f.partition(), f));
        List<PendingSegment> chosen = new ArrayList<>();
        for (PendingSegment segment : candidates) {
            FenceRow fence = next.get(segment.partition());
            if (fence == null) {
                continue;
            }
            if (fence.admits(segment)) {
                chosen.add(segment);
                next.put(segment.partition(), fence.after(segment));
            } else if (fence.passed(segment)) {
                passed.add(segment);
            }
        }
        return chosen;
    }
}
