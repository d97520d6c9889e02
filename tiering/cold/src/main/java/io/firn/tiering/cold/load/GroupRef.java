package io.firn.tiering.cold.load;

import io.firn.catalog.client.ColdExtent;
import io.firn.catalog.client.ColdSegment;
import io.firn.catalog.client.ColdState;
import io.firn.tiering.table.file.SeekIndex;

import org.jspecify.annotations.Nullable;

import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;

/// One row group of one committed segment.
public record GroupRef(ColdSegment segment, ColdExtent extent, SeekIndex index, int group) {
    RowGroupCache.Key key() {
        return new RowGroupCache.Key(extent.path(), at().position());
    }

    public SeekIndex.RowGroup at() {
        return index.groups().get(group);
    }

    /// The segments that end above `offset`, in offset order.
    public static List<ColdSegment> endingAbove(ColdState state, long offset) {
        List<ColdSegment> all = state.segments();
        int low = 0;
        int high = all.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (all.get(middle).end() <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return all.subList(low, all.size());
    }

    public static List<ColdExtent> inOrder(ColdSegment segment) {
        return segment.extents().stream()
                .sorted(Comparator.comparingLong(ColdExtent::start))
                .toList();
    }

    /// The row groups that may have offsets at or above `offset`, in offset order; holes are passed
    /// over.
    public static Iterator<GroupRef> from(
            ColdState state, long offset, Function<ColdExtent, SeekIndex> indexes) {
        return new Walk(state, offset, indexes);
    }

    private static final class Walk implements Iterator<GroupRef> {
        private final Iterator<Map.Entry<ColdSegment, ColdExtent>> extents;
        private final Function<ColdExtent, SeekIndex> indexes;
        private final long offset;
        private @Nullable GroupRef next;

        Walk(ColdState state, long offset, Function<ColdExtent, SeekIndex> indexes) {
            this.extents =
                    endingAbove(state, offset).stream()
                            .flatMap(
                                    s ->
                                            inOrder(s).stream()
                                                    .filter(e -> e.end() > offset)
                                                    .map(e -> Map.entry(s, e)))
                            .iterator();
            this.indexes = indexes;
            this.offset = offset;
            advance();
        }

        private void advance() {
            GroupRef now = next;
            if (now != null) {
                List<SeekIndex.RowGroup> groups = now.index().groups();
                int group = now.group() + 1;
                while (group < groups.size() && groups.get(group).continues()) {
                    group++; // rows of a batch that was whole in the group before
                }
                if (group < groups.size()) {
                    next = new GroupRef(now.segment(), now.extent(), now.index(), group);
                    return;
                }
            }
            next = null;
            while (next == null && extents.hasNext()) {
                var e = extents.next();
                SeekIndex index = indexes.apply(e.getValue());
                int first = index.groupFor(offset);
                if (first >= 0) {
                    next = new GroupRef(e.getKey(), e.getValue(), index, first);
                }
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public GroupRef next() {
            GroupRef now = next;
            if (now == null) {
                throw new NoSuchElementException();
            }
            advance();
            return now;
        }
    }
}
