package io.firn.log.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.log.PlantedLogs;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.util.List;

/// Random sequences find the faults that lost acknowledged records once (A1 to A3), when these are
/// brought back.
class PlantedBugsTest {
    private static final int SEQUENCES = 2_000;

    static List<String> planted() {
        return PlantedLogs.names();
    }

    @ParameterizedTest
    @MethodSource("planted")
    void sequencesFindAFaultThatIsBroughtBack(String planted)
            throws IOException, InterruptedException {
        LogModel.Result result =
                new LogModel(1, 1, SEQUENCES, 0, 1)
                        .run(PlantedLogs.with(planted), LogModel.AS_FOUND);
        assertThat(result.found()).isNotEmpty();
        System.out.printf(
                "%s is found by sequence %d of %d%n",
                planted, result.found().getFirst().seed(), SEQUENCES);
    }
}
