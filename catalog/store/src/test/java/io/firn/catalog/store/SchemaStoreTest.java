package io.firn.catalog.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.catalog.store.schema.SchemaStore;
import io.firn.catalog.store.schema.SchemaStore.NewSchema;
import io.firn.catalog.store.schema.SchemaStore.Version;

import org.junit.jupiter.api.Test;

import java.util.UUID;

class SchemaStoreTest {
    private final SchemaStore schemas = SharedPostgres.store().schemas();
    private final String subject = "s-" + UUID.randomUUID();

    @Test
    void theSameSchemaHasOneIdInEverySubjectAndOneVersionInEach() {
        NewSchema a = schema("a");
        int id = register(subject, a);
        assertThat(register(subject, a)).isEqualTo(id);
        assertThat(register(subject + "-2", a)).isEqualTo(id);
        int other = register(subject, schema("b"));
        assertThat(other).isNotEqualTo(id);

        assertThat(schemas.versions("public", subject))
                .extracting(Version::version)
                .containsExactly(1, 2);
        assertThat(schemas.lookup("public", subject, a, false).orElseThrow().version())
                .isEqualTo(1);
        assertThat(schemas.lookup("public", subject + "-2", schema("b"), false)).isEmpty();
        assertThat(schemas.byId(id).orElseThrow().text()).isEqualTo("text a" + subject);
    }

    private int register(String to, NewSchema schema) {
        return schemas.register("public", to, schema, null, all -> {});
    }

    private NewSchema schema(String name) {
        return new NewSchema("AVRO", name + subject, "text " + name + subject, "[]");
    }
}
