package io.firn.log.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;

/// Random sequences of everything that a disk's log can do, with kills and faults at any change of
/// the disk, against a small model of what was acknowledged (L1, L3-L7, L9, L11, L14, L15).
/// docs/chaos.md says how a failing one is run again.
class LogModelTest {
    private static final int SEQUENCES = 2_000;

    @Test
    void whatWasAcknowledgedIsThereAfterAnySequenceOfStepsKillsAndFaults()
            throws IOException, InterruptedException {
        LogModel.Result result = LogModel.configured(SEQUENCES).run();
        assertThat(result.found().stream().map(Runner.Failure::text)).isEmpty();
    }
}
