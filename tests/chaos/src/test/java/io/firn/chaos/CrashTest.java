package io.firn.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.chaos.fault.CrashPoints;
import io.firn.chaos.scenario.CrashRun;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The short form of `./firn chaos crash-points` (L5, L7, C2, I13): one point of each stage, with
/// `-Dfirn.chaos=true`. It takes minutes; every day `KillTest` kills at random moments.
class CrashTest {
    @TempDir Path temp;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @Test
    @EnabledIfSystemProperty(named = "firn.chaos", matches = "true")
    void whatWasAcknowledgedOutlivesACrashAtEachStage() throws Exception {
        crashAt(
                "produce.journal-written",
                "release.checkpoint-written",
                "recovery.replay",
                "commit.after-transaction");
    }

    private void crashAt(String... points) throws Exception {
        long seed = Long.getLong("firn.seed", System.nanoTime());
        System.out.println("CrashTest seed " + seed + " (repeat with -Dfirn.seed)");
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        int failed = new CrashRun(temp, out, seed).run(CrashPoints.named(points));
        assertThat(failed).as("%s", said.toString(StandardCharsets.UTF_8)).isZero();
    }
}
