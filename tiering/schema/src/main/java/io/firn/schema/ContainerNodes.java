package io.firn.schema;

import io.firn.schema.ColumnLayout.Place;

import java.util.List;

/// Nodes that hold other nodes.
final class ContainerNodes {
    private ContainerNodes() {}

    /// A union of null and one type. The union itself has no column.
    static final class Optional extends AvroNode {
        private final AvroNode value;
        private final int nullBranch;
        private final int valueBranch;

        Optional(Place place, AvroNode value, int nullBranch, int valueBranch) {
            super(place);
            this.value = value;
            this.nullBranch = nullBranch;
            this.valueBranch = valueBranch;
        }

        @Override
        void shred(AvroInput in, ColumnBuffer[] columns, int rep) {
            long branch = in.readVarlong();
            if (branch == valueBranch) {
                value.shred(in, columns, rep);
            } else if (branch == nullBranch) {
                absent(columns, rep);
            } else {
                throw AvroInput.Malformed.VALUE;
            }
        }

        @Override
        void encode(ColumnBuffer[] columns, ByteSink out, boolean sizedBlocks) {
            if (isPresent(columns)) {
                out.put(valueBranch << 1);
                value.encode(columns, out, sizedBlocks);
            } else {
                out.put(nullBranch << 1);
                skip(columns);
            }
        }
    }

    /// A record. Leaves that the writer's schema does not know get a null.
    static final class Struct extends AvroNode {
        private final AvroNode[] fields;
        private final int[] unknown;

        Struct(Place place, List<AvroNode> fields) {
            super(place);
            this.fields = fields.toArray(AvroNode[]::new);
            this.unknown = AvroShredder.uncovered(fields, first, end);
        }

        @Override
        void shred(AvroInput in, ColumnBuffer[] columns, int rep) {
            for (AvroNode field : fields) {
                field.shred(in, columns, rep);
            }
            for (int leaf : unknown) {
                columns[leaf].addNull(rep, presentDefinition);
            }
        }

        @Override
        void encode(ColumnBuffer[] columns, ByteSink out, boolean sizedBlocks) {
            for (AvroNode field : fields) {
                field.encode(columns, out, sizedBlocks);
            }
            for (int leaf : unknown) {
                columns[leaf].next();
            }
        }
    }

    /// A union of several types: a struct with one field per branch, of which one at most is set.
    static final class Branches extends AvroNode {
        private final AvroNode[] branches;
        private final int nullBranch;
        private final int[] unknown;

        /// @param branches by branch number; null itself stands as a node without leaves
        Branches(Place place, List<AvroNode> branches, int nullBranch) {
            super(place);
            this.branches = branches.toArray(AvroNode[]::new);
            this.nullBranch = nullBranch;
            this.unknown = AvroShredder.uncovered(branches, first, end);
        }

        @Override
        void shred(AvroInput in, ColumnBuffer[] columns, int rep) {
            long branch = in.readVarlong();
            if (branch < 0 || branch >= branches.length) {
                throw AvroInput.Malformed.VALUE;
            }
            if (branch == nullBranch) {
                absent(columns, rep);
                return;
            }
            for (int i = 0; i < branches.length; i++) {
                if (i == branch) {
                    branches[i].shred(in, columns, rep);
                } else if (i != nullBranch) {
                    branches[i].absent(columns, rep);
                }
            }
            for (int leaf : unknown) {
                columns[leaf].addNull(rep, presentDefinition);
            }
        }

        @Override
        void encode(ColumnBuffer[] columns, ByteSink out, boolean sizedBlocks) {
            if (!isPresent(columns)) {
                out.putVarlong(nullBranch);
                skip(columns);
                return;
            }
            for (int i = 0; i < branches.length; i++) {
                if (i == nullBranch) {
                    continue;
                }
                if (branches[i].isPresent(columns)) {
                    out.putVarlong(i);
                    branches[i].encode(columns, out, sizedBlocks);
                } else {
                    branches[i].skip(columns);
                }
            }
            for (int leaf : unknown) {
                columns[leaf].next();
            }
        }
    }

    /// Avro's null inside a record or union: no bytes, no leaves.
    static final class Nothing extends AvroNode {
        Nothing(Place parent) {
            super(new Place(parent.column(), 0, 0, 0, 0, 0, List.of()));
        }

        @Override
        void shred(AvroInput in, ColumnBuffer[] columns, int rep) {}

        @Override
        void encode(ColumnBuffer[] columns, ByteSink out, boolean sizedBlocks) {}
    }

    /// An array, or a map with its keys: items in the order in which they were written, in blocks
    /// of any kind.
    static final class Items extends AvroNode {
        private final @org.jspecify.annotations.Nullable AvroNode key;
        private final AvroNode value;
        private final int itemRepetition;

        Items(Place place, @org.jspecify.annotations.Nullable AvroNode key, AvroNode value) {
            super(place);
            this.key = key;
            this.value = value;
            this.itemRepetition = place.repetition() + 1;
        }

        @Override
        void shred(AvroInput in, ColumnBuffer[] columns, int rep) {
            long before = -1;
            for (long count = in.readVarlong(); count != 0; count = in.readVarlong()) {
                long size = count < 0 ? in.readCount() : -1;
                long items = Math.abs(count);
                int from = in.position();
                shredItems(in, columns, before < 0 ? rep : itemRepetition, items);
                in.block(before, items, size, in.position() - from);
                before = items;
            }
            if (before < 0) {
                addNulls(columns, first, end, rep, presentDefinition);
            }
        }

        /// However many there are said to be, each is paid for (a count of -2^63 stays negative).
        private void shredItems(AvroInput in, ColumnBuffer[] columns, int rep, long items) {
            if (items < 0) {
                throw AvroInput.Malformed.VALUE;
            }
            int level = rep;
            for (long i = 0; i < items; i++) {
                in.charge(end - first);
                if (key != null) {
                    key.shred(in, columns, level);
                }
                value.shred(in, columns, level);
                level = itemRepetition;
            }
        }

        @Override
        void encode(ColumnBuffer[] columns, ByteSink out, boolean sizedBlocks) {
            ColumnBuffer probe = columns[first];
            if (probe.definition() == presentDefinition) {
                out.put(0);
                skip(columns);
                return;
            }
            int count = probe.itemsAt(itemRepetition);
            if (sizedBlocks) {
                for (int left = count; left > 0; left -= MOST_IN_SIZED_BLOCK) {
                    encodeSizedBlock(columns, out, Math.min(left, MOST_IN_SIZED_BLOCK));
                }
            } else {
                out.putVarlong(count);
                encodeItems(columns, out, count, false);
            }
            out.put(0);
        }

        /// A block without bytes has no size, so its count is positive.
        private void encodeSizedBlock(ColumnBuffer[] columns, ByteSink out, int count) {
            int from = out.size();
            encodeItems(columns, out, count, true);
            int size = out.size() - from;
            if (size == 0) {
                out.putVarlong(count);
            } else {
                out.insertVarlongs(from, -count, size);
            }
        }

        private void encodeItems(
                ColumnBuffer[] columns, ByteSink out, int count, boolean sizedBlocks) {
            for (int i = 0; i < count; i++) {
                if (key != null) {
                    key.encode(columns, out, sizedBlocks);
                }
                value.encode(columns, out, sizedBlocks);
            }
        }
    }
}
