package io.firn.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Map;

class TopicSettingsTest {
    @Test
    void userTopicsThatDeleteHaveATableAndOthersHaveNone() {
        assertThat(TopicSettings.hasTable("public.orders", Map.of())).isTrue();
        assertThat(TopicSettings.hasTable("public.orders", Map.of("firn.table.enabled", "false")))
                .isFalse();
        assertThat(TopicSettings.hasTable("public.orders", Map.of("cleanup.policy", "compact")))
                .isFalse();
        assertThat(
                        TopicSettings.hasTable(
                                "public.orders", Map.of("cleanup.policy", "compact,delete")))
                .isFalse();
        assertThat(TopicSettings.hasTable("__consumer_offsets", Map.of())).isFalse();
        assertThat(TopicSettings.hasTable("public.__consumer_offsets", Map.of())).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "firn.table.enabled,maybe",
        "firn.table.layout,dual",
        "firn.table.layout,verbatim",
        "firn.table.layout,pretty",
        "firn.table.freshness.ms,12",
        "firn.table.freshness.ms,soon",
        "firn.table.name,Order Lines",
        "firn.table.retention,forget",
        "firn.table.on-delete,archive",
        "firn.table.erasure,allow",
        "firn.produce.check,nothing",
        "firn.fetch.cold.compression,zstd",
        "firn.tabel.layout,raw",
        "cleanup.policy,shred",
        "retention.ms,-7"
    })
    void anImpossibleValueIsRefusedByTheNameOfItsSetting(String name, String value) {
        assertThatThrownBy(() -> TopicSettings.validate("public.orders", Map.of(name, value)))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(name);
    }

    @Test
    void aLocalRetentionLongerThanTheRetentionIsRefused() {
        assertThatThrownBy(
                        () ->
                                TopicSettings.validate(
                                        "public.orders",
                                        Map.of(
                                                "retention.ms", "60000",
                                                "local.retention.ms", "120000")))
                .hasMessageContaining("local.retention.ms=120000");
        assertThatCode(
                        () ->
                                TopicSettings.validate(
                                        "public.orders", Map.of("retention.ms", "60000")))
                .doesNotThrowAnyException();
    }

    @Test
    void theDefaultLocalRetentionGivesWayToAShorterRetention() {
        TopicDefaults defaults = TopicDefaults.of(Map.of());
        assertThat(defaults.logConfig("public.a", Map.of()).localRetentionMs())
                .isEqualTo(3_600_000);
        assertThat(
                        defaults.logConfig("public.a", Map.of("retention.ms", "60000"))
                                .localRetentionMs())
                .isEqualTo(60_000);
    }

    @Test
    void clusterWideSettingsComeBetweenFirnsDefaultsAndTheTopics() {
        TopicDefaults defaults =
                TopicDefaults.of(
                        Map.of("log.retention.hours", "2", "log.local.retention.ms", "1000"));
        assertThat(defaults.logConfig("public.a", Map.of()).retentionMs).isEqualTo(7_200_000);
        assertThat(defaults.logConfig("public.a", Map.of()).localRetentionMs()).isEqualTo(1000);
        assertThat(defaults.logConfig("public.a", Map.of("retention.ms", "-1")).retentionMs)
                .isEqualTo(-1);
    }

    @Test
    void tieringAsKafkaKnowsItIsOnForTopicsWithATable() {
        TopicDefaults defaults = TopicDefaults.of(Map.of());
        assertThat(defaults.logConfig("public.a", Map.of()).remoteStorageEnable()).isTrue();
        assertThat(
                        defaults.logConfig("public.a", Map.of("cleanup.policy", "compact"))
                                .remoteStorageEnable())
                .isFalse();
        assertThat(defaults.logConfig("__consumer_offsets", Map.of()).remoteStorageEnable())
                .isFalse();
    }
}
