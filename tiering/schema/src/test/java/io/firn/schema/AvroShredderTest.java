package io.firn.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// C15 for values: what columns hold comes back byte for byte, and what cannot come back is not
/// held.
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

    private static boolean roundTrips(Compiled compiled, ColumnBuffer[] columns, byte[] value) {
        return compiled.shredder.shred(value, 0, value.length, columns)
                && compiled.shredder.verifyLast(value, 0, value.length, columns, new ByteSink(16));
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
                compiled.shredder.encode(columns, out);
                assertThat(Arrays.copyOf(out.bytes(), out.size()))
                        .as("seed %d", seed)
                        .isEqualTo(value);
            }
            for (ColumnBuffer column : columns) {
                assertThat(column.atEnd()).isTrue();
            }
        }
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
                int before = columns.length == 0 ? 0 : columns[0].entries();
                if (!roundTrips(compiled, columns, damaged)) {
                    for (ColumnBuffer column : columns) {
                        column.seek(column.mark());
                        assertThat(column.atEnd()).isTrue();
                    }
                    assertThat(columns.length == 0 ? 0 : columns[0].entries()).isEqualTo(before);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"int\" | 8000 | a padded varint",
                "\"int\" | 8080808080808080807f | a number beyond int",
                "\"boolean\" | 02 | a boolean that is neither",
                "\"string\" | 02ff | no UTF-8",
                "\"string\" | 06eda080 | a surrogate",
                "\"string\" | 0a61 | a length past the end",
                "\"string\" | 01 | a negative length",
                "{\"type\":\"array\",\"items\":\"int\"} | 01020200 | a block with its size",
                "{\"type\":\"array\",\"items\":\"int\"} | 0202020200 | two blocks",
                "{\"type\":\"array\",\"items\":\"null\"} | feffffffff0f00 | items without bytes",
                "[\"null\",\"int\"] | 0402 | no such branch",
                "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]} | 02 | no such symbol",
                "{\"type\":\"string\",\"logicalType\":\"uuid\"} | 4841414141414141412d414141412d414141412d414141412d414141414141414141414141 | an upper-case uuid",
                "{\"type\":\"long\",\"logicalType\":\"timestamp-millis\"} | feffffffffffffffff01 | a time that microseconds cannot say",
                "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2} | 040001 | a decimal that is not the shortest",
                "{\"type\":\"bytes\",\"logicalType\":\"decimal\",\"precision\":4,\"scale\":2} | 042710 | a decimal with a digit too many",
            })
    void whatIsNotWrittenAsAvrosOwnEncoderWouldIsRefused(String schema, String hex, String why) {
        Compiled compiled = compile(schema);
        byte[] value = java.util.HexFormat.of().parseHex(hex);
        assertThat(roundTrips(compiled, compiled.layout.buffers(), value)).as(why).isFalse();
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
        assertThat(
                        roundTrips(
                                compiled,
                                compiled.layout.buffers(),
                                Arrays.copyOf(value.bytes(), value.size())))
                .isFalse();
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
            (i % 3 == 0 ? old : now).shredder.encode(columns, out);
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
