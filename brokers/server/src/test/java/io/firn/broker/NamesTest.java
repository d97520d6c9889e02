package io.firn.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.firn.protocol.TenantNames;

import org.junit.jupiter.api.Test;

class NamesTest {
    private final Names names = new Names(new TenantNames("acme"));

    @Test
    void theTenantsPrefixCountsInTheLengthOfAName() {
        assertThat(names.refusal("x".repeat(244))).isNull();
        assertThat(names.refusal("x".repeat(245))).contains("at most 244").doesNotContain("acme");
    }

    @Test
    void namesThatKafkaRefusesStayRefused() {
        assertThat(names.refusal("")).isNotNull();
        assertThat(names.refusal("..")).isNotNull();
        assertThat(names.refusal("a b")).isNotNull();
    }

    @Test
    void messagesSpeakInTheTenantsOwnNames() {
        assertThat(names.inOwnWords("Topic 'acme.orders' already exists."))
                .isEqualTo("Topic 'orders' already exists.");
        assertThat(names.inOwnWords(null)).isNull();
    }
}
