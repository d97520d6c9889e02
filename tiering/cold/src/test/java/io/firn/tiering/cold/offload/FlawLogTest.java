package io.firn.tiering.cold.offload;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.tiering.cold.FakeLog;
import io.firn.tiering.cold.TieringMetrics;
import io.firn.tiering.table.file.Flaw;
import io.firn.tiering.table.file.FlawCount;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

class FlawLogTest {
    @Test
    void eachKindIsCountedAlwaysAndSaidOnceAMinute() { // C19
        Map<Flaw, Long> counted = new EnumMap<>(Flaw.class);
        TieringMetrics metrics =
                new TieringMetrics() {
                    @Override
                    public void flawed(Flaw flaw, long count) {
                        counted.merge(flaw, count, Long::sum);
                    }
                };
        List<String> lines = new ArrayList<>();
        long[] now = {0};
        FlawLog log = new FlawLog(metrics, () -> now[0], lines::add);
        var header = new FlawCount(Flaw.HEADER_NAME, 3, 17);
        log.committed(FakeLog.TOPIC, 2, List.of(header, new FlawCount(Flaw.TIMESTAMP, 1, 5)));
        log.committed(FakeLog.TOPIC, 2, List.of(header));
        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst())
                .contains("orders-2", "header names", ": 3,", "offset 17", "_kafka_headers_raw");
        now[0] += Duration.ofMinutes(1).toNanos();
        log.committed(FakeLog.TOPIC, 2, List.of(header));
        assertThat(lines).hasSize(3);
        assertThat(lines.getLast()).contains("3 in all topics since");
        assertThat(counted).isEqualTo(Map.of(Flaw.HEADER_NAME, 9L, Flaw.TIMESTAMP, 1L));
    }
}
