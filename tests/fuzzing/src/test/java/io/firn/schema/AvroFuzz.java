package io.firn.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Any bytes as a value of a schema (C15, C19): a row of it, or no trace; what columns say they
/// give back comes back byte for byte; and few bytes never become entries without end.
///
/// Input: number of the schema, then the value.
public final class AvroFuzz {
    private static final int MOST_ENTRIES = 4_000_000;
    private static final List<String> SCHEMAS =
            List.of(
                    """
                    {"type":"record","name":"Order","fields":[
                      {"name":"id","type":"long"},{"name":"city","type":"string"},
                      {"name":"amount","type":["null","double"]},
                      {"name":"tags","type":{"type":"array","items":"string"}},
                      {"name":"attrs","type":{"type":"map","values":"long"}}]}
                    """,
                    """
                    {"type":"record","name":"Times","fields":[
                      {"name":"a","type":{"type":"int","logicalType":"time-millis"}},
                      {"name":"b","type":{"type":"long","logicalType":"timestamp-millis"}},
                      {"name":"c","type":{"type":"long","logicalType":"timestamp-micros"}},
                      {"name":"d","type":{"type":"int","logicalType":"date"}},
                      {"name":"e","type":{"type":"string","logicalType":"uuid"}},
                      {"name":"f","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},
                      {"name":"g","type":{"type":"fixed","name":"F","size":5}},
                      {"name":"h","type":{"type":"enum","name":"E","symbols":["X","Y"]}}]}
                    """,
                    """
                    {"type":"record","name":"Nested","fields":[
                      {"name":"u","type":["null","int","string",
                        {"type":"record","name":"In","fields":[{"name":"x","type":["null","long"]}]}]},
                      {"name":"l","type":{"type":"array","items":{"type":"array","items":["null","boolean"]}}},
                      {"name":"m","type":{"type":"map","values":{"type":"array","items":"float"}}}]}
                    """,
                    """
                    {"type":"record","name":"Empty","fields":[
                      {"name":"n","type":"null"},
                      {"name":"l","type":{"type":"array","items":"null"}},
                      {"name":"e","type":{"type":"array","items":{"type":"record","name":"Nil","fields":[]}}},
                      {"name":"w","type":{"type":"array","items":["null",{"type":"record","name":"W","fields":[
                        {"name":"a","type":["null","int"]},{"name":"b","type":["null","int"]},
                        {"name":"c","type":["null","int"]},{"name":"d","type":["null","int"]}]}]}}]}
                    """,
                    """
                    {"type":"record","name":"Tree","fields":[
                      {"name":"v","type":"bytes"},
                      {"name":"kids","type":{"type":"array","items":"Tree"}}]}
                    """,
                    "\"string\"");

    private record Compiled(ColumnLayout layout, AvroShredder shredder) {}

    private static final List<Compiled> COMPILED = SCHEMAS.stream().map(AvroFuzz::compile).toList();

    private AvroFuzz() {}

    private static Compiled compile(String text) {
        var plan = ColumnPlanner.plan(List.of(), "", 1, text);
        ColumnLayout layout = new ColumnLayout(plan.columns());
        return new Compiled(
                layout,
                AvroShredder.compile(
                        text, FieldMapping.parse(plan.mappingJson()).paths(1), layout, 0));
    }

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < 1) {
            return;
        }
        Compiled compiled = COMPILED.get((input[0] & 0xff) % COMPILED.size());
        ColumnBuffer[] columns = compiled.layout.buffers();
        List<Integer> before = entries(columns);
        if (!compiled.shredder.shred(input, 1, input.length, columns)) {
            assertThat(entries(columns)).isEqualTo(before);
            return;
        }
        assertThat(Arrays.stream(columns).mapToInt(ColumnBuffer::entries).max().orElse(0))
                .isLessThanOrEqualTo(MOST_ENTRIES);
        for (ColumnBuffer column : columns) { // one row, whatever is in it
            column.seek(0);
            column.nextRow();
            assertThat(column.atEnd()).isTrue();
        }
        if (!compiled.shredder.verifyLast(input, 1, input.length, columns, new ByteSink(16))) {
            return;
        }
        for (ColumnBuffer column : columns) {
            column.seek(0);
        }
        ByteSink out = new ByteSink(16);
        compiled.shredder.encode(columns, out, compiled.shredder.formOfLast());
        assertThat(out.equals(0, input, 1, input.length)).isTrue();
    }

    private static List<Integer> entries(ColumnBuffer[] columns) {
        List<Integer> entries = new ArrayList<>();
        for (ColumnBuffer column : columns) {
            entries.add(column.entries());
        }
        return entries;
    }
}
