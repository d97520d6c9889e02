package io.firn.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

class ColumnPlannerTest {
    private static final int WIDE = 1_990;

    @Test
    @Timeout(120) // it took the catalog a quarter of an hour, and all topics with it
    void manyWideSchemasArePlannedAtOnceAndLeaveATableThatEnginesTake() { // G12
        List<Column> columns = List.of();
        String mapping = "";
        for (int id = 1; id <= 60; id++) {
            var plan = ColumnPlanner.plan(columns, mapping, id, wide("s" + id + "_f"));
            columns = plan.columns();
            mapping = plan.mappingJson();
        }
        FieldMapping mapped = FieldMapping.parse(mapping);
        assertEquals(5 * WIDE, columns.size());
        assertNotNull(mapped.paths(5));
        assertNull(mapped.paths(6), "its values stay raw");

        var again = ColumnPlanner.plan(columns, mapping, 61, wide("s3_f"));
        assertNotNull(
                FieldMapping.parse(again.mappingJson()).paths(61), "it needs no further column");
        assertEquals(columns, again.columns());
        var narrow = ColumnPlanner.plan(columns, mapping, 62, record(field("one")));
        assertEquals(5 * WIDE + 1, narrow.columns().size(), "there is room for it");
    }

    @Test
    void columnsInsideOthersCountForTheWidthOfATable() { // G12
        List<Column> columns = List.of();
        String mapping = "";
        for (int id = 1; id <= 6; id++) {
            String inside = wide("s" + id + "_f").replace("\"R\"", "\"I\"");
            String text = record("{\"name\":\"n%d\",\"type\":%s}".formatted(id, inside));
            var plan = ColumnPlanner.plan(columns, mapping, id, text);
            columns = plan.columns();
            mapping = plan.mappingJson();
        }
        assertEquals(5, columns.size());
        assertNull(FieldMapping.parse(mapping).paths(6));
    }

    @Test
    void fieldsKeepTheirColumnsAndChangedOnesGetNamesOfTheirOwn() {
        var first = ColumnPlanner.plan(List.of(), "", 1, record(field("a") + "," + field("b")));
        String changed = record(field("A") + "," + field("b").replace("int", "string"));
        var second = ColumnPlanner.plan(first.columns(), first.mappingJson(), 2, changed);
        assertEquals(
                List.of("a", "b", "A_2", "b_v2"),
                second.columns().stream().map(Column::name).toList());
        var back =
                ColumnPlanner.plan(second.columns(), second.mappingJson(), 3, record(field("b")));
        assertEquals(second.columns(), back.columns());
        assertTrue(back.mappingJson().contains("\"3\":{\"b\":" + first.columns().get(1).id()));
    }

    private static String wide(String prefix) {
        return record(
                IntStream.range(0, WIDE)
                        .mapToObj(i -> field(prefix + i))
                        .collect(Collectors.joining(",")));
    }

    private static String field(String name) {
        return "{\"name\":\"%s\",\"type\":\"int\"}".formatted(name);
    }

    private static String record(String fields) {
        return "{\"type\":\"record\",\"name\":\"R\",\"fields\":[%s]}".formatted(fields);
    }
}
