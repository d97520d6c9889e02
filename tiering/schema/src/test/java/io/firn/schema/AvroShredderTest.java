package io.firn.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// C15 and C19 for values: what columns say they give back comes back byte for byte, and whatever
/// decodes is in columns.
class AvroShredderTest {
    private static final int SCHEMAS = 400;

    private record Compiled(
            ColumnPlanner.Planned plan, ColumnLayout layout, AvroShredder shredder) {}

    private static Compiled compile(ColumnPlanner.Planned plan, int id, String text) {
        ColumnLayout layout = new ColumnLayout(plan.columns());
        return new Compiled(
                plan,
                layout,
                AvroShredder.compile(
                        text, FieldMapping.parse(plan.mappingJson()).paths(id), layout, 0));
    }

    private static Compiled compile(String text) {
        return compile(ColumnPlanner.plan(List.of(), "", 1, text), 1, text);
    }

    private static boolean shreds(Compiled compiled, ColumnBuffer[] columns, byte[] value) {
        return compiled.shredder.shred(value, 0, value.length, columns);
    }

    private static boolean verifies(Compiled compiled, ColumnBuffer[] columns, byte[] value) {
        return compiled.shredder.verifyLast(value, 0, value.length, columns, new ByteSink(16));
    }

    private static boolean roundTrips(Compiled compiled, ColumnBuffer[] columns, byte[] value) {
        return shreds(compiled, columns, value) && verifies(compiled, columns, value);
    }

    /// Levels and values of all columns.
    private static List<Object> contents(ColumnBuffer[] columns) {
        List<Object> all = new ArrayList<>();
        for (ColumnBuffer column : columns) {
            for (int i = 0; i < column.entries(); i++) {
                all.add(column.repetitionAt(i) * 100 + column.definitionAt(i));
            }
            for (int i = 0; i < column.values(); i++) {
                all.add(
                        column.ofBytes()
                                ? java.util.HexFormat.of()
                                        .formatHex(column.data(), column.fromAt(i), column.toAt(i))
                                : (Object) column.wordAt(i));
            }
        }
        return all;
    }

    @Test
    void anyValueOfAnySchemaComesBackByteForByte() {
        for (int seed = 0; seed < SCHEMAS; seed++) {
            RandomAvro avro = new RandomAvro(seed);
            Schema schema = avro.record(0);
            Compiled compiled = compile(schema.toString());
            ColumnBuffer[] columns = compiled.layout.buffers();
            List<byte[]> values = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                byte[] value = avro.encode(schema, avro.value(schema));
                assertThat(roundTrips(compiled, columns, value))
                        .as("seed %d of %s", seed, schema)
                        .isTrue();
                values.add(value);
            }
            for (ColumnBuffer column : columns) {
                column.seek(0);
            }
            ByteSink out = new ByteSink(64);
            for (byte[] value : values) {
                out.clear();
                compiled.shredder.encode(columns, out, AvroForm.PLAIN);
                assertThat(Arrays.copyOf(out.bytes(), out.size()))
                        .as("seed %d", seed)
                        .isEqualTo(value);
            }
            for (ColumnBuffer column : columns) {
                assertThat(column.atEnd()).isTrue();
            }
        }
    }

    /// C15, C19: however a value is written, its columns are the same.
    @ParameterizedTest
    @EnumSource
    void aValueFillsTheSameColumnsHoweverItIsWritten(AvroHabit habit) {
        Random random = new Random(11);
        int exact = 0;
        int others = 0;
        for (int seed = 0; seed < SCHEMAS; seed++) {
            RandomAvro avro = new RandomAvro(seed);
            Schema schema = avro.record(0);
            Compiled compiled = compile(schema.toString());
            ColumnBuffer[] columns = compiled.layout.buffers();
            ColumnBuffer[] plain = compiled.layout.buffers();
            for (int i = 0; i < 20; i++) {
                Object value = avro.value(schema);
                byte[] usual = avro.encode(schema, value);
                byte[] bytes = habit.write(schema, value, random);
                assertThat(roundTrips(compiled, plain, usual)).isTrue();
                assertThat(shreds(compiled, columns, bytes)).as("seed %d", seed).isTrue();
                if (verifies(compiled, columns, bytes)) {
                    assertThat(rewritten(compiled, columns, i)).isEqualTo(bytes);
                    exact++;
                } else {
                    assertThat(bytes).isNotEqualTo(usual);
                    others++;
                }
                assertThat(compiled.shredder.misfitsOfLast()).isZero();
            }
            assertThat(contents(columns)).as("seed %d", seed).isEqualTo(contents(plain));
        }
        switch (habit) {
            case PLAIN, HAMBA -> assertThat(others).isZero(); // needs no copy
            default -> assertThat(others).isGreaterThan(exact / 20);
        }
    }

    private static byte[] rewritten(Compiled compiled, ColumnBuffer[] columns, int row) {
        for (ColumnBuffer column : columns) {
            column.seek(0);
            for (int i = 0; i < row; i++) {
                column.nextRow();
            }
        }
        ByteSink out = new ByteSink(64);
        compiled.shredder.encode(columns, out, compiled.shredder.formOfLast());
        for (ColumnBuffer column : columns) {
            assertThat(column.atEnd()).isTrue();
        }
        return Arrays.copyOf(out.bytes(), out.size());
    }

    /// The habits of one writer, byte by byte: Go's hamba/avro v2.31.0.
    @ParameterizedTest
    @CsvSource({
        "00, PLAIN",
        "0202 00, PLAIN",
        "0102 02 00, SIZED_BLOCKS",
        "0304 0204 00, SIZED_BLOCKS",
        "0306 0204 00, OTHER", // a size that is not its block's
        "0102 02 0102 04 00, OTHER", // a block that is not full before the last one
        "0202 0202 00, OTHER",
        "0202 0102 04 00, OTHER",
    })
    void theFormOfAnArrayIsToldByItsBlocks(String hex, AvroForm form) {
        Compiled compiled = compile("{\"type\":\"array\",\"items\":\"int\"}");
        byte[] value = java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
        ColumnBuffer[] columns = compiled.layout.buffers();
        assertThat(shreds(compiled, columns, value)).isTrue();
        assertThat(compiled.shredder.formOfLast()).isEqualTo(form);
        assertThat(verifies(compiled, columns, value)).isEqualTo(form != AvroForm.OTHER);
    }

    @Test
    void damagedValuesComeBackOrLeaveNoTrace() {
        Random random = new Random(7);
        for (int seed = 0; seed < SCHEMAS; seed++) {
            RandomAvro avro = new RandomAvro(seed);
            Schema schema = avro.record(0);
            Compiled compiled = compile(schema.toString());
            ColumnBuffer[] columns = compiled.layout.buffers();
            for (int i = 0; i < 20; i++) {
                byte[] value = avro.encode(schema, avro.value(schema));
                if (value.length == 0) {
                    continue;
                }
                value[random.nextInt(value.length)] = (byte) random.nextInt();
                byte[] damaged = Arrays.copyOf(value, random.nextInt(value.length + 3));
                List<Object> before = contents(columns);
                int rowsBefore = rows(columns);
                if (!shreds(compiled, columns, damaged)) {
                    assertThat(contents(columns)).isEqualTo(before);
                } else {
                    assertThat(rows(columns)).isEqualTo(rowsBefore + 1);
                }
            }
        }
    }

    /// How many rows all columns have.
    private static int rows(ColumnBuffer[] columns) {
        int rows = -1;
        for (ColumnBuffer column : columns) {
            column.seek(0);
            int ofColumn = 0;
            for (; !column.atEnd(); column.nextRow()) {
                ofColumn++;
            }
            assertThat(rows == -1 || rows == ofColumn).isTrue();
            rows = ofColumn;
        }
        return rows;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"int\" | 8080808080808080807f | a number beyond int",
                "\"boolean\" | 02 | a boolean that is neither",
                "\"string\" | 0a61 | a length past the end",
                "\"string\" | 01 | a negative length",
                "[\"null\",\"int\"] | 0402 | no such branch",
                "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]} | 02 | no such symbol",
            })
    void whatDoesNotDecodeIsRefused(String schema, String hex, String why) {
        Compiled compiled = compile(schema);
        ColumnBuffer[] columns = compiled.layout.buffers();
        byte[] value = java.util.HexFormat.of().parseHex(hex);
        assertThat(shreds(compiled, columns, value)).as(why).isFalse();
        assertThat(contents(columns)).isEmpty();
    }

    /// C19: in a record with a neighbour on either side, which both keep their cells.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"string\" | 0461ff | no UTF-8",
                "\"string\" | 06eda080 | a surrogate",
                "{\"type\":\"string\",\"logicalType\":\"uuid\"} | 0661622d | no uuid",
                "{\"type\":\"int\",\"logicalType\":\"date\"} | feffffff0f | a day that no engine shows",
                "{\"type\":\"int\",\"logicalType\":\"time-millis\"} | 01 | a time before midnight",
                "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"} | feffffffffffffffff01 | a time that microseconds cannot say",
                "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"} | feffffffffffffffff01 | a time after the year 9999",
                "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2} | 042710 | a decimal with a digit too many",
                "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2} | 12010000000000000000 | a decimal of more than a word",
                "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":38,\"scale\":2} | 2201000000000000000000000000000000ff | a decimal of more than 38 digits",
                "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2} | 00 | a decimal without bytes",
                "[\"null\",{\"type\":\"int\",\"logicalType\":\"time-millis\"}] | 0201 | the same in a union",
            })
    void whatDoesNotFitCostsItsOwnCell(String schema, String hex, String why) {
        Compiled compiled =
                compile(
                        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"},{\"name\":\"b\",\"type\":"
                                + schema
                                + "},{\"name\":\"c\",\"type\":\"int\"}]}");
        ColumnBuffer[] columns = compiled.layout.buffers();
        byte[] value = java.util.HexFormat.of().parseHex("02" + hex + "04");
        assertThat(shreds(compiled, columns, value)).as(why).isTrue();
        assertThat(compiled.shredder.misfitsOfLast()).isEqualTo(1);
        assertThat(compiled.shredder.formOfLast()).isEqualTo(AvroForm.OTHER);
        assertThat(columns[0].wordAt(0)).isEqualTo(1);
        assertThat(columns[2].wordAt(0)).isEqualTo(2);
        if (schema.equals("\"string\"")) {
            assertThat(Utf8.valid(columns[1].data(), 0, columns[1].toAt(0))).isTrue();
        } else {
            assertThat(columns[1].definitionAt(0)).isZero();
        }
    }

    @Test
    void itemsWithoutBytesStayAvroHoweverManyTheyAreSaidToBe() {
        Compiled compiled = compile("{\"type\":\"array\",\"items\":\"null\"}");
        byte[] value = java.util.HexFormat.of().parseHex("feffffffff0f00");
        assertThat(roundTrips(compiled, compiled.layout.buffers(), value)).isTrue();
        Compiled map = compile("{\"type\":\"map\",\"values\":\"null\"}");
        byte[] entries = java.util.HexFormat.of().parseHex("03080261026200");
        assertThat(roundTrips(map, map.layout.buffers(), entries)).isTrue();
    }

    @Test
    void recursiveTypesStayAvroInOneBinaryColumn() {
        String text =
                "{\"type\":\"record\",\"name\":\"Tree\",\"fields\":[{\"name\":\"v\",\"type\":\"int\"},{\"name\":\"next\",\"type\":[\"null\",\"Tree\"]}]}";
        Compiled compiled = compile(text);
        assertThat(compiled.layout.leaves()).hasSize(2);
        byte[] value = {2, 2, 4, 2, 6, 0};
        assertThat(roundTrips(compiled, compiled.layout.buffers(), value)).isTrue();
        byte[] deep = new byte[20_001];
        Arrays.fill(deep, (byte) 2);
        assertThat(roundTrips(compiled, compiled.layout.buffers(), deep)).isFalse();
    }

    @Test
    void aFewBytesNeverBecomeEntriesWithoutEnd() {
        StringBuilder fields = new StringBuilder();
        for (int i = 0; i < 900; i++) {
            fields.append(i == 0 ? "" : ",")
                    .append("{\"name\":\"f")
                    .append(i)
                    .append("\",\"type\":\"int\"}");
        }
        Compiled compiled =
                compile(
                        "{\"type\":\"array\",\"items\":[\"null\",{\"type\":\"record\",\"name\":\"W\",\"fields\":["
                                + fields
                                + "]}]}");
        ByteSink value = new ByteSink(1 << 20);
        value.putVarlong(1_000_000);
        byte[] zeros = new byte[1_000_001];
        value.put(zeros, 0, zeros.length);
        ColumnBuffer[] columns = compiled.layout.buffers();
        assertThat(shreds(compiled, columns, Arrays.copyOf(value.bytes(), value.size()))).isTrue();
        assertThat(compiled.shredder.misfitsOfLast()).isEqualTo(1);
        assertThat(rows(columns)).isEqualTo(1);
        assertThat(columns[7].entries()).isEqualTo(1);
    }

    @Test
    void rowsOfSeveralSchemasShareColumnsAndKeepTheirBytes() {
        String v1 =
                "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"n\",\"type\":\"int\"},{\"name\":\"x\",\"type\":\"float\"},{\"name\":\"t\",\"type\":\"string\"},"
                        + "{\"name\":\"l\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"I\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}}}]}";
        String v2 =
                "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"t\",\"type\":\"long\"},{\"name\":\"x\",\"type\":\"double\"},{\"name\":\"n2\",\"aliases\":[\"n\"],\"type\":\"long\"},"
                        + "{\"name\":\"l\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"I\",\"fields\":[{\"name\":\"b\",\"type\":\"string\"},{\"name\":\"a\",\"type\":\"long\"}]}}}]}";
        var first = ColumnPlanner.plan(List.of(), "", 1, v1);
        var second = ColumnPlanner.plan(first.columns(), first.mappingJson(), 2, v2);
        assertThat(second.columns().stream().map(Column::name))
                .containsExactly("n", "x", "t", "l", "t_v2");
        assertThat(second.columns().get(0).type()).isEqualTo(ColumnType.Plain.LONG);

        Compiled old = compile(second, 1, v1);
        Compiled now = compile(second, 2, v2);
        Schema oldSchema = new Schema.Parser().parse(v1);
        Schema newSchema = new Schema.Parser().parse(v2);
        ColumnBuffer[] columns = old.layout.buffers();
        RandomAvro avro = new RandomAvro(3);
        List<byte[]> values = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            boolean isOld = i % 3 == 0;
            Schema schema = isOld ? oldSchema : newSchema;
            byte[] value = avro.encode(schema, avro.value(schema));
            assertThat(roundTrips(isOld ? old : now, columns, value)).isTrue();
            values.add(value);
        }
        for (ColumnBuffer column : columns) {
            column.seek(0);
        }
        for (int i = 0; i < values.size(); i++) {
            ByteSink out = new ByteSink(16);
            (i % 3 == 0 ? old : now).shredder.encode(columns, out, AvroForm.PLAIN);
            assertThat(Arrays.copyOf(out.bytes(), out.size())).isEqualTo(values.get(i));
        }
    }

    @Test
    void aRetypedFieldGetsAColumnOfItsOwnAndGoesBackToTheOldOne() {
        String text =
                "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"%s\"}]}";
        var one = ColumnPlanner.plan(List.of(), "", 1, text.formatted("string"));
        var two = ColumnPlanner.plan(one.columns(), one.mappingJson(), 2, text.formatted("int"));
        var three =
                ColumnPlanner.plan(two.columns(), two.mappingJson(), 3, text.formatted("bytes"));
        var four =
                ColumnPlanner.plan(
                        three.columns(), three.mappingJson(), 4, text.formatted("string"));
        assertThat(four.columns().stream().map(Column::name)).containsExactly("a", "a_v2", "a_v3");
        assertThat(FieldMapping.parse(four.mappingJson()).paths(4))
                .isEqualTo(FieldMapping.parse(one.mappingJson()).paths(1));
    }

    @Test
    void anIdIsNeverUsedTwiceEvenWhenItsColumnIsGone() {
        String text =
                "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"%s\",\"type\":\"int\"}]}";
        var one = ColumnPlanner.plan(List.of(), "", 1, text.formatted("a"));
        var two = ColumnPlanner.plan(List.of(), one.mappingJson(), 2, text.formatted("b"));
        assertThat(two.columns().getFirst().id()).isGreaterThan(one.columns().getFirst().id());
    }
}
