package io.firn.chaos.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.List;

class InjectorTest {
    /// What is injected into; its bytes are the test's own.
    public static final class Target {
        private Target() {}

        public static int sign(int number) {
            if (number < 0) {
                return -1;
            }
            return number == 0 ? 0 : 1;
        }

        public static Duration pause() {
            return Duration.ofHours(1);
        }

        public static int keep() {
            return 10;
        }
    }

    private static MethodHandle changed(String method, MethodType type, Site site)
            throws Exception {
        try (InputStream in = InjectorTest.class.getResourceAsStream("InjectorTest$Target.class")) {
            byte[] bytes =
                    Injector.inject(
                            in.readAllBytes(), List.of(site), InjectorTest.class.getClassLoader());
            MethodHandles.Lookup hidden = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return hidden.findStatic(hidden.lookupClass(), method, type);
        }
    }

    private static MethodHandle sign(Site site) throws Exception {
        return changed("sign", MethodType.methodType(int.class, int.class), site);
    }

    @Test
    void aDisarmedPointChangesNothing() throws Throwable {
        MethodHandle sign = sign(new Site.Crash(500, Target.class.getName(), "sign", true));
        assertThat((int) sign.invokeExact(-5)).isEqualTo(-1);
        assertThat((int) sign.invokeExact(0)).isZero();
        assertThat((int) sign.invokeExact(5)).isEqualTo(1);
    }

    @Test
    void aFaultIsThrownFromTheArmedPassageOnAsOftenAsAsked() throws Throwable {
        MethodHandle sign = sign(new Site.Fail(501, Target.class.getName(), "sign", "No space"));
        Gate.arm(501, 2, 2);
        assertThat((int) sign.invokeExact(5)).isEqualTo(1);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> sign.invoke(5))
                    .isInstanceOf(IOException.class)
                    .hasMessage("No space");
        }
        assertThat((int) sign.invokeExact(5)).isEqualTo(1);
    }

    @Test
    void aValueIsAnsweredInsteadOfTheMethodsOwn() throws Throwable {
        String name = Target.class.getName();
        MethodHandle pause =
                changed(
                        "pause",
                        MethodType.methodType(Duration.class),
                        new Site.Value(name, "pause", "PT2S"));
        MethodHandle keep =
                changed(
                        "keep",
                        MethodType.methodType(int.class),
                        new Site.Value(name, "keep", "3"));
        assertThat((Duration) pause.invokeExact()).isEqualTo(Duration.ofSeconds(2));
        assertThat((int) keep.invokeExact()).isEqualTo(3);
    }
}
