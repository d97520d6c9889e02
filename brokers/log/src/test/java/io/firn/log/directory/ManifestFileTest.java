package io.firn.log.directory;

import static io.firn.log.Batches.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.log.directory.ManifestFile.Change;
import io.firn.log.journal.LogCheckpoint;

import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// The manifest's bytes (L14).
class ManifestFileTest {
    private static final Uuid OWNER = new Uuid(1, 2);
    private static final ManifestEntry A =
            ManifestEntry.open(LogCheckpoint.empty(partition("a", 0), 7));
    private static final ManifestEntry B =
            ManifestEntry.suspect(LogCheckpoint.empty(partition("b", 1), 0), "why");
    private static final ManifestEntry C =
            ManifestEntry.closed(LogCheckpoint.empty(partition("c", 2), 9).restartedAt(50, 40, 9));

    @TempDir Path dir;

    private byte[] written() throws IOException {
        try (ManifestFile file = new ManifestFile(dir, OWNER, "cluster")) {
            file.replace(List.of(A, B));
            file.append(List.of(Change.put(C), Change.put(ManifestEntry.closed(A.checkpoint()))));
            file.append(List.of(Change.removed(B.partition())));
        }
        return Files.readAllBytes(dir.resolve(ManifestFile.NAME));
    }

    @Test
    void changesAreReadOnTopOfWhatWasWrittenWhole() throws IOException {
        written();
        ManifestFile.Contents read = ManifestFile.read(dir, OWNER);
        assertThat(read.clusterId()).isEqualTo("cluster");
        assertThat(read.entries())
                .containsOnlyKeys(A.partition(), C.partition())
                .containsEntry(A.partition(), ManifestEntry.closed(A.checkpoint()))
                .containsEntry(C.partition(), C);
    }

    @Test
    void aCutAnywhereInTheLastFrameIsAsIfItWereNotThere() throws IOException {
        byte[] whole = written();
        Path path = dir.resolve(ManifestFile.NAME);
        int last = 24 + 16 + 3 + 4 + 1; // the frame that removed B
        for (int cut = whole.length - last; cut < whole.length; cut++) {
            Files.write(path, Arrays.copyOf(whole, cut));
            assertThat(ManifestFile.read(dir, OWNER).entries())
                    .as("cut at %d of %d", cut, whole.length)
                    .containsEntry(B.partition(), B);
        }
    }

    @Test
    void damageBeforeTheLastFrameIsRefused() throws IOException {
        byte[] whole = written();
        Path path = dir.resolve(ManifestFile.NAME);
        for (int at = 0; at < whole.length - 24 - 24; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x55;
            Files.write(path, damaged);
            assertThatThrownBy(() -> ManifestFile.read(dir, OWNER))
                    .as("damage at %d of %d", at, whole.length)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("Cannot read");
        }
    }

    @Test
    void anotherDirectorysManifestIsRefused() throws IOException { // L12
        written();
        assertThatThrownBy(() -> ManifestFile.read(dir, new Uuid(1, 3)))
                .hasMessageContaining("belongs to directory");
    }
}
