package io.firn.launcher.health;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// D11: what /health says.
class HealthTest {
    private final Health health = new Health();
    private final AtomicReference<Optional<String>> broker =
            new AtomicReference<>(Optional.empty());
    private final AtomicReference<Optional<String>> catalog =
            new AtomicReference<>(Optional.empty());

    @BeforeEach
    void parts() {
        health.needs("broker", broker::get);
        health.wants("catalog", catalog::get);
    }

    @Test
    void aProcessIsUpBetweenItsStartAndItsStop() {
        assertThat(health.look().httpStatus()).isEqualTo(503);
        assertThat(health.look().json()).contains("\"status\":\"DOWN\"", "it is starting");
        health.started();
        assertThat(health.look().httpStatus()).isEqualTo(200);
        assertThat(health.look().json())
                .isEqualTo("{\"status\":\"UP\",\"broker\":\"UP\",\"catalog\":\"UP\"}");
        health.stopping();
        assertThat(health.look().httpStatus()).isEqualTo(503);
        assertThat(health.look().json()).contains("it is stopping");
    }

    @Test
    void aPartThatCannotWorkTakesTheProcessDownAndSaysWhy() {
        health.started();
        broker.set(Optional.of("fenced: \"late\"\n"));
        catalog.set(Optional.of("away"));
        assertThat(health.look().httpStatus()).isEqualTo(503);
        assertThat(health.look().json())
                .isEqualTo(
                        "{\"status\":\"DOWN\",\"broker\":\"DOWN\",\"catalog\":\"DEGRADED\",\"why\":{\"broker\":\"fenced: \\\"late\\\"\\u000a\",\"catalog\":\"away\"}}");
        broker.set(Optional.empty());
        assertThat(health.look().state()).isEqualTo(Health.State.DEGRADED);
    }

    @Test
    void whatAProcessCanBeWithoutLeavesItServing() {
        health.started();
        catalog.set(Optional.of("away"));
        assertThat(health.look().httpStatus()).isEqualTo(200);
        assertThat(health.look().json()).startsWith("{\"status\":\"DEGRADED\"");
    }
}
