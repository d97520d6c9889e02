package io.firn.controller.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.common.config.ConfigResource;
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

    /// D7: a value that would have no effect is refused, and one that says what is done anyway is
    /// not.
    @ParameterizedTest
    @CsvSource({
        "flush.messages,1,9223372036854775807",
        "flush.ms,1000,9223372036854775807",
        "preallocate,true,false",
        "leader.replication.throttled.replicas,*,''",
        "follower.replication.throttled.replicas,'0:1,1:2',''",
        "remote.storage.enable,false,true",
        "remote.log.copy.disable,true,false",
        "remote.log.delete.on.disable,true,false",
        "remote.copy.lag.ms,60000,0",
        "remote.copy.lag.bytes,1048576,-1",
        "errors.deadletterqueue.group.enable,true,false"
    })
    void aValueWithoutEffectIsRefusedInWords(String name, String without, String fine) {
        assertThatThrownBy(() -> TopicSettings.validate("public.orders", Map.of(name, without)))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(name + "=" + without)
                .hasMessageMatching("(?s).*([Rr]emove the setting|set firn).*");
        assertThatCode(() -> TopicSettings.validate("public.orders", Map.of(name, fine)))
                .doesNotThrowAnyException();
    }

    @Test
    void withoutATableThereIsNoRemoteStorageToTurnOff() {
        assertThatCode(
                        () ->
                                TopicSettings.validate(
                                        "public.orders",
                                        Map.of(
                                                "remote.storage.enable", "false",
                                                "firn.table.enabled", "false")))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "share.isolation.level,read_committed",
        "share.session.timeout.ms,50000",
        "streams.num.standby.replicas,1",
        "errors.deadletterqueue.topic.name,dead",
        "errors.deadletterqueue.copy.record.enable,true",
        "consumer.session.timeout.ms,5",
        "consumer.session.timeout.ms,10000000",
        "consumer.nonsense.ms,5"
    })
    void aGroupSettingWithoutEffectOrOutOfRangeIsRefused(String name, String value) {
        assertThatThrownBy(() -> validate(ConfigResource.Type.GROUP, "public.g", name, value))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(name);
    }

    @Test
    void settingsOfGroupsOfTheConsumerProtocolAreTaken() {
        assertThatCode(
                        () ->
                                validate(
                                        ConfigResource.Type.GROUP,
                                        "public.g",
                                        "consumer.session.timeout.ms",
                                        "50000"))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "'',log.flush.interval.ms,1000",
        "'',log.preallocate,true",
        "'',group.consumer.session.timeout.ms,50000",
        "'',num.io.threads,16",
        "1,log.retention.ms,1000"
    })
    void aClusterSettingThatNobodyReadsIsRefused(String broker, String name, String value) {
        assertThatThrownBy(() -> validate(ConfigResource.Type.BROKER, broker, name, value))
                .isInstanceOf(InvalidConfigurationException.class);
        assertThatCode(() -> validate(ConfigResource.Type.BROKER, "", "log.retention.hours", "2"))
                .doesNotThrowAnyException();
    }

    private static void validate(
            ConfigResource.Type type, String resource, String name, String value) {
        new ClusterConfigValidator()
                .validate(new ConfigResource(type, resource), Map.of(name, value), Map.of());
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
