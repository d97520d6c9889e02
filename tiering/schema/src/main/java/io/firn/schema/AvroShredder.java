package io.firn.schema;

import io.firn.schema.AvroShape.Part;
import io.firn.schema.ColumnLayout.Place;

import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Takes Avro values of one writer schema apart into columns, and puts them together again. Works
/// on bytes only; what it puts together is to be compared with the original by whoever wants the
/// columns to be the only copy. Every value that decodes fills columns; what of it does not fit
/// costs its own cell (C19). One thread.
public final class AvroShredder {
    private static final long TIME_MILLIS = 86_400_000L;
    private static final long TIME_MICROS = 86_400_000_000L;
    private final AvroInput input = new AvroInput();
    private final AvroNode[] fields;
    private final Schema[] fieldSchemas;
    private final int[] unknown;
    private final int firstLeaf;
    private final int endLeaf;
    private final long[] marks;

    private AvroShredder(
            List<AvroNode> fields, List<Schema> fieldSchemas, int firstLeaf, int endLeaf) {
        this.fields = fields.toArray(AvroNode[]::new);
        this.fieldSchemas = fieldSchemas.toArray(Schema[]::new);
        this.firstLeaf = firstLeaf;
        this.endLeaf = endLeaf;
        this.unknown = uncovered(fields, firstLeaf, endLeaf);
        this.marks = new long[endLeaf];
    }

    /// Compiles a schema for a table's layout.
    ///
    /// @param paths column of each field path ({@link FieldMapping#paths})
    /// @param firstValueLeaf leaves from here on are value columns
    public static AvroShredder compile(
            String avroText, Map<String, Integer> paths, ColumnLayout layout, int firstValueLeaf) {
        Compiler compiler = new Compiler(paths);
        List<AvroNode> nodes = new ArrayList<>();
        List<Schema> schemas = new ArrayList<>();
        for (Part part : AvroShapes.of(avroText)) {
            AvroNode node = compiler.field(part, "", layout.places());
            if (node != null) {
                nodes.add(node);
                schemas.add(part.schema());
            }
        }
        return new AvroShredder(nodes, schemas, firstValueLeaf, layout.leaves().size());
    }

    /// Adds one value's entries to every value column; bytes that do not decode as the schema says
    /// add nothing. What follows a value that is whole is read over, as consumers do.
    ///
    /// @return whether the value was added
    public boolean shred(byte[] bytes, int from, int to, ColumnBuffer[] columns) {
        for (int i = firstLeaf; i < endLeaf; i++) {
            marks[i] = columns[i].mark();
        }
        try {
            input.reset(bytes, from, to);
            for (int i = 0; i < fields.length; i++) {
                shredField(i, columns);
            }
            if (input.remaining() > 0) {
                input.inexact();
            }
        } catch (AvroInput.Malformed e) {
            rollback(columns);
            return false;
        }
        for (int leaf : unknown) {
            columns[leaf].addNull(0, 0);
        }
        return true;
    }

    /// A field with more items than anyone should pay for costs its own cell.
    private void shredField(int i, ColumnBuffer[] columns) {
        AvroNode field = fields[i];
        int from = input.position();
        int charged = input.charged();
        try {
            field.shred(input, columns, 0);
        } catch (AvroInput.Malformed e) {
            if (e != AvroInput.Malformed.TOO_MANY) {
                throw e;
            }
            for (int leaf = field.first; leaf < field.end; leaf++) {
                columns[leaf].rollback(marks[leaf]);
            }
            input.back(from, charged);
            AvroSkipper.skip(fieldSchemas[i], input, 0);
            field.misfit(input, columns, 0);
        }
    }

    /// Column entries of list items in the value added last.
    public int entriesOfLast() {
        return input.charged();
    }

    /// How many parts of the value added last have no place in their columns.
    public int misfitsOfLast() {
        return input.misfits();
    }

    /// The form of the value added last. What is not `OTHER` may be no more than a guess, since
    /// only writing the value again tells: {@link #verifyLast}.
    public AvroForm formOfLast() {
        return input.form();
    }

    /// Whether the value added last, written again in its form, has the same bytes.
    ///
    /// @param scratch emptied first
    public boolean verifyLast(
            byte[] bytes, int from, int to, ColumnBuffer[] columns, ByteSink scratch) {
        AvroForm form = input.form();
        if (form == AvroForm.OTHER) {
            return false;
        }
        scratch.clear();
        for (int i = firstLeaf; i < endLeaf; i++) {
            columns[i].seek(marks[i]);
        }
        encode(columns, scratch, form);
        return scratch.equals(0, bytes, from, to);
    }

    private void rollback(ColumnBuffer[] columns) {
        for (int i = firstLeaf; i < endLeaf; i++) {
            columns[i].rollback(marks[i]);
        }
    }

    /// Writes the value at the cursors and moves every value column's cursor to the next row.
    ///
    /// @param form not `OTHER`
    public void encode(ColumnBuffer[] columns, ByteSink out, AvroForm form) {
        boolean sizedBlocks =
                switch (form) {
                    case PLAIN -> false;
                    case SIZED_BLOCKS -> true;
                    case OTHER ->
                            throw new IllegalArgumentException(
                                    "Cannot write a value from its columns: its bytes are of no form");
                };
        for (AvroNode field : fields) {
            field.encode(columns, out, sizedBlocks);
        }
        for (int leaf : unknown) {
            columns[leaf].next();
        }
    }

    /// Leaves in `[first, end)` that none of the nodes has.
    static int[] uncovered(List<AvroNode> nodes, int first, int end) {
        boolean[] covered = new boolean[end];
        for (AvroNode node : nodes) {
            java.util.Arrays.fill(covered, node.first, node.end, true);
        }
        return java.util.stream.IntStream.range(first, end).filter(i -> !covered[i]).toArray();
    }

    /// Whether a top-level column belongs to Firn and not to a value.
    public static boolean reserved(String columnName) {
        return columnName.toLowerCase(Locale.ROOT).startsWith("_kafka_");
    }

    private record Compiler(Map<String, Integer> paths) {
        @Nullable AvroNode field(Part part, String prefix, List<Place> siblings) {
            if (part.shape() instanceof AvroShape.Nothing) {
                return null;
            }
            String path = prefix + part.step();
            Integer id = paths.get(path);
            for (Place place : siblings) {
                if (id != null && place.column().id() == id) {
                    return node(part.shape(), path, place);
                }
            }
            throw new IllegalArgumentException(
                    "Cannot map field %s: the table has no column with id %s for it"
                            .formatted(path, id));
        }

        private AvroNode node(AvroShape shape, String path, Place place) {
            return switch (shape) {
                case AvroShape.Nothing nothing -> new ContainerNodes.Nothing(place);
                case AvroShape.Scalar scalar -> scalar(scalar, place);
                case AvroShape.Opaque opaque -> new ScalarNodes.Opaque(place, opaque.schema());
                case AvroShape.Nullable nullable ->
                        new ContainerNodes.Optional(
                                place,
                                node(nullable.value(), path, place),
                                nullable.nullBranch(),
                                nullable.valueBranch());
                case AvroShape.Struct struct -> {
                    List<AvroNode> nodes = new ArrayList<>();
                    for (Part part : struct.fields()) {
                        AvroNode node = field(part, path + ".", place.children());
                        if (node != null) {
                            nodes.add(node);
                        }
                    }
                    yield new ContainerNodes.Struct(place, nodes);
                }
                case AvroShape.Branches branches -> branches(branches, path, place);
                case AvroShape.Items items ->
                        new ContainerNodes.Items(
                                place,
                                null,
                                node(items.element(), path + "[]", place.children().getFirst()));
                case AvroShape.Entries entries ->
                        new ContainerNodes.Items(
                                place,
                                new ScalarNodes.Bytes(place.children().get(0), true),
                                node(entries.value(), path + "{}", place.children().get(1)));
            };
        }

        private AvroNode branches(AvroShape.Branches shape, String path, Place place) {
            List<AvroNode> nodes = new ArrayList<>();
            int nullBranch = -1;
            for (Part part : shape.branches()) {
                AvroNode node = field(part, path, place.children());
                if (node == null) {
                    nullBranch = nodes.size();
                    node = new ContainerNodes.Nothing(place);
                }
                nodes.add(node);
            }
            return new ContainerNodes.Branches(place, nodes, nullBranch);
        }

        private static AvroNode scalar(AvroShape.Scalar scalar, Place place) {
            ColumnType column = place.column().type();
            return switch (scalar.codec()) {
                case BOOLEAN -> new ScalarNodes.Bool(place);
                case INT ->
                        scalar.type() == ColumnType.Plain.DATE
                                ? new ScalarNodes.Number(
                                        place, true, Years.LEAST_DAY, Years.MOST_DAY, 1)
                                : new ScalarNodes.Number(
                                        place, true, Integer.MIN_VALUE, Integer.MAX_VALUE, 1);
                case LONG ->
                        switch (scalar.type()) {
                            case ColumnType.Plain.TIME ->
                                    new ScalarNodes.Number(place, false, 0, TIME_MICROS - 1, 1);
                            case ColumnType.Plain.TIMESTAMP, ColumnType.Plain.TIMESTAMPTZ ->
                                    new ScalarNodes.Number(
                                            place,
                                            false,
                                            Years.LEAST_MILLIS * 1000,
                                            Years.MOST_MILLIS * 1000 + 999,
                                            1);
                            default ->
                                    new ScalarNodes.Number(
                                            place, false, Long.MIN_VALUE, Long.MAX_VALUE, 1);
                        };
                case TIME_MILLIS -> new ScalarNodes.Number(place, true, 0, TIME_MILLIS - 1, 1000);
                case TIMESTAMP_MILLIS ->
                        new ScalarNodes.Number(
                                place, false, Years.LEAST_MILLIS, Years.MOST_MILLIS, 1000);
                case FLOAT -> new ScalarNodes.Floating(place, 4, column == ColumnType.Plain.DOUBLE);
                case DOUBLE -> new ScalarNodes.Floating(place, 8, false);
                case BYTES -> new ScalarNodes.Bytes(place, false);
                case STRING -> new ScalarNodes.Bytes(place, true);
                case ENUM -> new ScalarNodes.Symbol(place, scalar.schema().getEnumSymbols());
                case FIXED -> new ScalarNodes.Fixed(place, scalar.schema().getFixedSize());
                case UUID_STRING -> new ScalarNodes.UuidText(place);
                case DECIMAL_BYTES ->
                        new DecimalNode(place, 0, ((ColumnType.Decimal) column).precision());
                case DECIMAL_FIXED ->
                        new DecimalNode(
                                place,
                                scalar.schema().getFixedSize(),
                                ((ColumnType.Decimal) column).precision());
            };
        }
    }
}
