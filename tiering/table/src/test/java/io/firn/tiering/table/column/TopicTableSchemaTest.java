package io.firn.tiering.table.column;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;

import java.util.concurrent.atomic.AtomicInteger;

class TopicTableSchemaTest {
    private static final String V1 =
            "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"n\",\"type\":\"int\"},{\"name\":\"f\",\"type\":\"float\"},{\"name\":\"_kafka_key\",\"type\":\"string\"}]}";
    private static final String V2 =
            "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"f\",\"type\":\"double\"},{\"name\":\"n\",\"type\":\"long\"},{\"name\":\"N\",\"type\":\"string\"}]}";

    @Test
    void theBaseColumnsHaveTheIdsThatCreateTableAssigns() {
        Schema base = TopicTableSchema.base();
        AtomicInteger ids = new AtomicInteger();
        Schema fresh = TypeUtil.assignFreshIds(base, ids::incrementAndGet);
        assertThat(fresh.asStruct()).isEqualTo(base.asStruct());
        assertThat(PartitionSpec.unpartitioned().specId()).isZero();
    }

    @Test
    void aSchemaAddsColumnsOnceAndPromotesInPlace() {
        var first = TopicTableSchema.evolve(TopicTableSchema.base(), "", 1, V1);
        assertThat(first.changed()).isTrue();
        assertThat(first.schema().findType("n")).isEqualTo(Types.IntegerType.get());
        assertThat(first.schema().findField("field_kafka_key")).isNotNull();
        var again = TopicTableSchema.evolve(first.schema(), first.mappingJson(), 1, V1);
        assertThat(again.changed()).isFalse();
        assertThat(again.mappingJson()).isEqualTo(first.mappingJson());

        var second = TopicTableSchema.evolve(first.schema(), first.mappingJson(), 2, V2);
        assertThat(second.schema().findType("n")).isEqualTo(Types.LongType.get());
        assertThat(second.schema().findType("f")).isEqualTo(Types.DoubleType.get());
        assertThat(second.schema().findField("n").fieldId())
                .isEqualTo(first.schema().findField("n").fieldId());
        assertThat(second.schema().findField("N_2").type()).isEqualTo(Types.StringType.get());
    }

    @Test
    void whatCannotBeColumnsChangesNothing() {
        var evolved = TopicTableSchema.evolve(TopicTableSchema.base(), "", 1, "not avro");
        assertThat(evolved.changed()).isFalse();
        assertThat(evolved.mappingJson()).isEmpty();
    }
}
