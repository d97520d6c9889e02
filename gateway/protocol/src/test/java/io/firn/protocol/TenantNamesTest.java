package io.firn.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TenantNamesTest {
    private final TenantNames names = new TenantNames("acme");

    @Test
    void theTenantsPrefixCountsInTheLengthOfAName() {
        assertThat(names.topicRefusal("x".repeat(244))).isNull();
        assertThat(names.topicRefusal("x".repeat(245)))
                .contains("at most 244")
                .doesNotContain("acme");
    }

    @Test
    void namesThatKafkaRefusesStayRefused() {
        assertThat(names.topicRefusal("")).isNotNull();
        assertThat(names.topicRefusal("..")).isNotNull();
        assertThat(names.topicRefusal("a b")).isNotNull();
    }

    @Test
    void messagesSpeakInTheTenantsOwnNames() {
        assertThat(names.inOwnWords("Topic 'acme.orders' already exists."))
                .isEqualTo("Topic 'orders' already exists.");
        assertThat(names.inOwnWords(null)).isNull();
    }
}
