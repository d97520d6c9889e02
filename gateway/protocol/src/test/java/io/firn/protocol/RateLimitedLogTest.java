package io.firn.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

class RateLimitedLogTest {
    private final List<String> lines = new ArrayList<>();
    private long now;
    private final RateLimitedLog limited = new RateLimitedLog(recording(), () -> now);

    @Test
    void tenAreWrittenAndTheOthersAreCounted() {
        for (int i = 0; i < 1_000; i++) {
            limited.warn("Closing {}", i);
        }
        assertThat(lines).hasSize(10).last().isEqualTo("Closing {} [9]");
        now += TimeUnit.SECONDS.toNanos(11);
        limited.warn("Closing {}", "another");
        assertThat(lines)
                .hasSize(12)
                .endsWith(
                        "{} more warnings like the next one were not written [990]",
                        "Closing {} [another]");
    }

    @Test
    void whatStaysIsSaidOnceAMinute() {
        var minutely = RateLimitedLog.everyMinute(recording(), () -> now);
        for (int second = 0; second < 120; second++) {
            minutely.warn("Cannot read {}", "orders-3");
            now += TimeUnit.SECONDS.toNanos(1);
        }
        assertThat(lines)
                .containsExactly(
                        "Cannot read {} [orders-3]",
                        "{} more warnings like the next one were not written [60]",
                        "Cannot read {} [orders-3]");
    }

    private Logger recording() {
        Logger real = LoggerFactory.getLogger(RateLimitedLogTest.class);
        return (Logger)
                Proxy.newProxyInstance(
                        Logger.class.getClassLoader(),
                        new Class<?>[] {Logger.class},
                        (proxy, method, arguments) -> {
                            if (!method.getName().equals("warn")) {
                                return method.invoke(real, arguments);
                            }
                            Object values = arguments[1];
                            lines.add(
                                    arguments[0]
                                            + " "
                                            + (values instanceof Object[] many
                                                    ? Arrays.toString(many)
                                                    : "[" + values + "]"));
                            return null;
                        });
    }
}
