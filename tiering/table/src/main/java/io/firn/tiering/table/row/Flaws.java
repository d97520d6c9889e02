package io.firn.tiering.table.row;

import io.firn.tiering.table.file.Flaw;
import io.firn.tiering.table.file.FlawCount;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Counts flaws on the way. Of one thread.
public final class Flaws {
    private static final Flaw[] ALL = Flaw.values();
    private final long[] counts = new long[ALL.length];
    private final long[] firstOffsets = new long[ALL.length];

    public void note(Flaw flaw, long offset) {
        if (counts[flaw.ordinal()]++ == 0) {
            firstOffsets[flaw.ordinal()] = offset;
        }
    }

    void clear() {
        Arrays.fill(counts, 0);
    }

    /// Adds what another one has counted, later in the log.
    public void addAll(Flaws later) {
        for (int i = 0; i < ALL.length; i++) {
            if (counts[i] == 0) {
                firstOffsets[i] = later.firstOffsets[i];
            }
            counts[i] += later.counts[i];
        }
    }

    public List<FlawCount> counts() {
        List<FlawCount> all = new ArrayList<>();
        for (Flaw flaw : ALL) {
            int i = flaw.ordinal();
            if (counts[i] > 0) {
                all.add(new FlawCount(flaw, counts[i], firstOffsets[i]));
            }
        }
        return List.copyOf(all);
    }
}
