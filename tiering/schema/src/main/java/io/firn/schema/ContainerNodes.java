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
        void encode(ColumnBuffer[] columns, ByteSink out) {
            if (isPresent(columns)) {
                out.put(valueBranch << 1);
                value.encode(columns, out);
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
        void encode(ColumnBuffer[] columns, ByteSink out) {
            for (AvroNode field : fields) {
                field.encode(columns, out);
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
        void encode(ColumnBuffer[] columns, ByteSink out) {
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
                    branches[i].encode(columns, out);
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
        void encode(ColumnBuffer[] columns, ByteSink out) {}
    }

    /// An array, or a map with its keys: items in the order in which they were written. Only what
    /// Avro's plain encoder writes comes back the same, one block with a positive count; the rest
    /// fails the comparison.
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
            int count = in.readCount();
            if (count == 0) {
                addNulls(columns, first, end, rep, presentDefinition);
                return;
            }
            for (int i = 0; i < count; i++) {
                int level = i == 0 ? rep : itemRepetition;
                in.charge(end - first);
                if (key != null) {
                    key.shred(in, columns, level);
                }
                value.shred(in, columns, level);
            }
            if (in.readByte() != 0) {
                throw AvroInput.Malformed.VALUE;
            }
        }

        @Override
        void encode(ColumnBuffer[] columns, ByteSink out) {
            ColumnBuffer probe = columns[first];
            if (probe.definition() == presentDefinition) {
                out.put(0);
                skip(columns);
                return;
            }
            int count = probe.itemsAt(itemRepetition);
            out.putVarlong(count);
            for (int i = 0; i < count; i++) {
                if (key != null) {
                    key.encode(columns, out);
                }
                value.encode(columns, out);
            }
            out.put(0);
        }
    }
}
