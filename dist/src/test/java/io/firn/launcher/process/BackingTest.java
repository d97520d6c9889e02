package io.firn.launcher.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.launcher.settings.Setting;
import io.firn.launcher.settings.Settings;
import io.firn.launcher.settings.StartupException;

import org.junit.jupiter.api.Test;

class BackingTest {
    private static Settings external(String endpoint) {
        return Settings.empty()
                .with(Setting.JDBC_URL, "jdbc:postgresql://10.0.0.4/firn")
                .with(Setting.JDBC_PASSWORD, "secret")
                .with(Setting.S3_ENDPOINT, endpoint)
                .with(Setting.S3_ACCESS_KEY, "w")
                .with(Setting.S3_SECRET_KEY, "ws")
                .with(Setting.S3_READ_ACCESS_KEY, "r")
                .with(Setting.S3_READ_SECRET_KEY, "rs");
    }

    @Test
    void bothAreEmbeddedWhenNothingIsSaid() {
        assertThat(Backing.embeddedS3(Settings.empty())).isTrue();
        assertThat(Backing.postgres(Settings.empty())).isEmpty();
        assertThat(Backing.objects(Settings.empty())).isEmpty();
    }

    @Test
    void serversElsewhereAreUsedAsTheSettingsSay() {
        Settings settings = external("http://10.0.0.5:9000");
        assertThat(Backing.embeddedS3(settings)).isFalse();
        assertThat(Backing.postgres(settings).orElseThrow().jdbcUrl())
                .isEqualTo("jdbc:postgresql://10.0.0.4/firn");
        Backing.Objects objects = Backing.objects(settings).orElseThrow();
        assertThat(objects.readWrite().endpoint()).hasHost("10.0.0.5");
        assertThat(objects.readAccessKey()).isEqualTo("r");
    }

    @Test
    void anEndpointThatIsNoUrlSaysSo() {
        assertThatThrownBy(() -> Backing.objects(external("10.0.0.5:9000")))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("s3.endpoint is '10.0.0.5:9000'");
    }
}
