package io.firn.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// Any text as the schema of a topic's values: columns and a shredder, or one exception with a word
/// that the offload knows what to do with.
public final class SchemaFuzz {
    private SchemaFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        ColumnPlanner.Planned plan;
        try {
            plan = ColumnPlanner.plan(List.of(), "", 1, text);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).isNotBlank();
            return;
        }
        var paths = FieldMapping.parse(plan.mappingJson()).paths(1);
        if (paths == null) {
            assertThat(plan.columns()).isEmpty(); // no schema of columns: its values stay raw
            return;
        }
        AvroShredder.compile(text, paths, new ColumnLayout(plan.columns()), 0);
    }
}
