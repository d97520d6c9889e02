package io.firn.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;

import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.junit.jupiter.api.Test;

class TenantRegexTest {
    private final TenantRegex regex = new TenantRegex("acme-1");

    @Test
    void anExpressionMatchesWholeNamesOfTheTenantOnly() {
        String inside = regex.inside("orders-.*|payments");

        assertThat(matches(inside, "acme-1.orders-eu")).isTrue();
        assertThat(matches(inside, "acme-1.payments")).isTrue();
        assertThat(matches(inside, "acme-1.payments2")).isFalse();
        assertThat(matches(inside, "other.orders-eu")).isFalse();
        assertThat(matches(inside, "acme-1xorders-eu")).isFalse();
        assertThat(matches(inside, "__consumer_offsets")).isFalse();
    }

    @Test
    void everythingMeansEverythingOfTheTenant() {
        assertThat(matches(regex.inside(".*"), "acme-1.x")).isTrue();
        assertThat(matches(regex.inside(".*"), "acme-10.x")).isFalse();
        assertThat(matches(regex.inside("^orders$"), "acme-1.orders")).isFalse();
    }

    @Test
    void aBracketThatWouldCloseOursIsRefused() {
        for (String trick : new String[] {"a)|(?:.*", "a)|.*|(b", "[", "\\Qa", "(?i", ")"}) {
            assertThatThrownBy(() -> regex.inside(trick))
                    .as(trick)
                    .isInstanceOf(InvalidRegularExpression.class)
                    .hasMessageNotContaining("acme-1");
        }
    }

    @Test
    void theTenantReadsBackWhatItWrote() {
        assertThat(regex.outside(regex.inside("a|b.c"))).isEqualTo("a|b.c");
        assertThat(regex.inside("")).isEmpty();
    }

    private static boolean matches(String inside, String topic) {
        return Pattern.compile(inside).matcher(topic).matches();
    }
}
