package io.firn.catalog.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.micronaut.http.server.HttpServerConfiguration;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// docs/operating/README.md says what the catalog's port takes.
class CatalogLimitsPageTest {
    @Test
    void theLimitsOfTheCatalogsPortStandOnThePage() throws Exception { // G7
        long idle = new HttpServerConfiguration().getIdleTimeout().toMinutes();
        String row = "| catalog, `%s` and `%s` | descriptors | %d min | %d MiB | 413 |";
        List<String> page = Files.readAllLines(Path.of("../../docs/operating/README.md"));
        assertThat(page)
                .contains(
                        row.formatted(
                                Door.REGISTRY.prefix(),
                                "/v1",
                                idle,
                                Door.REGISTRY.mostBytes() >> 20),
                        row.formatted(
                                Door.ICEBERG.prefix(),
                                Door.INTERNAL.prefix(),
                                idle,
                                Door.ICEBERG.mostBytes() >> 20));
        assertThat(Door.OTHER.mostBytes()).isEqualTo(Door.REGISTRY.mostBytes());
        assertThat(Door.INTERNAL.mostBytes()).isEqualTo(Door.ICEBERG.mostBytes());
    }
}
