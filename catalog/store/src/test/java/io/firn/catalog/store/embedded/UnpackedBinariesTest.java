package io.firn.catalog.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class UnpackedBinariesTest {
    @TempDir Path bin;

    @Test
    void anUnpackingThatWasCutOffIsDeletedAndASyncedOneStays() throws IOException {
        Path half = Files.createDirectories(bin.resolve("PG-half/lib"));
        Files.createSymbolicLink(half.resolve("libicuuc.so"), Path.of("libicuuc.so.60"));
        Files.createDirectories(bin.resolve("PG-whole"));
        Files.createFile(bin.resolve("PG-whole/.exists"));
        UnpackedBinaries.sync(bin);

        UnpackedBinaries.deleteUnfinished(bin);

        assertThat(bin.resolve("PG-half")).doesNotExist();
        assertThat(bin.resolve("PG-whole/.exists")).exists();
    }

    @Test
    void whatAPowerCutMayHaveEmptiedIsDeleted() throws IOException {
        Files.createDirectories(bin.resolve("PG-whole/bin"));
        Files.createFile(bin.resolve("PG-whole/bin/postgres"));
        Files.createFile(bin.resolve("PG-whole/.exists"));

        UnpackedBinaries.deleteUnfinished(bin);

        assertThat(bin.resolve("PG-whole")).doesNotExist();
    }
}
