package io.firn.objectstore.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;

/// docs/operating/README.md says what the embedded S3's port takes.
class S3LimitsPageTest {
    @Test
    void theLimitsOfTheEmbeddedS3StandOnThePage() throws Exception { // G7
        String row =
                "| embedded S3 | descriptors; %d requests are worked on at once | %d s"
                        + " | an object 5 GiB in signed parts of %d MiB; held whole %d MiB,"
                        + " or an eighth of the heap if that is less"
                        + " | 400; 503 when others hold their memory |";
        assertThat(Files.readAllLines(Path.of("../../docs/operating/README.md")))
                .contains(
                        row.formatted(
                                EmbeddedS3.MOST_THREADS,
                                EmbeddedS3.MAX_IDLE.toSeconds(),
                                EmbeddedS3.MOST_PART_BYTES >> 20,
                                EmbeddedS3.MOST_HELD_BYTES >> 20));
    }
}
