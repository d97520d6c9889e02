package io.firn.launcher.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class SettingsTest {
    @TempDir Path temp;

    private Settings read(String yaml) throws IOException {
        return Settings.read(Files.writeString(temp.resolve("firn.yaml"), yaml));
    }

    @Test
    void nestedAndDottedNamesMeanTheSame() throws IOException {
        assertThat(read("s3: {bucket: lake}").text(Setting.S3_BUCKET)).isEqualTo("lake");
        assertThat(read("s3.bucket: lake").text(Setting.S3_BUCKET)).isEqualTo("lake");
    }

    @Test
    void anUnknownNameIsAnError() {
        assertThatThrownBy(() -> read("kafka-prot: 9092"))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("unknown setting kafka-prot. Did you mean kafka-port?");
    }

    @Test
    void theCommandLineGoesBeforeTheFile() throws IOException {
        Settings settings = read("kafka-port: 1").with(Setting.KAFKA_PORT, "2");
        assertThat(settings.port(Setting.KAFKA_PORT)).isEqualTo(2);
    }

    @Test
    void aPortOutOfRangeSaysSo() throws IOException {
        assertThatThrownBy(() -> read("kafka-port: 70000").port(Setting.KAFKA_PORT))
                .hasMessageContaining("70000");
    }

    @Test
    void aMissingRequiredSettingIsNamed() {
        assertThatThrownBy(() -> Settings.empty().text(Setting.CATALOG_URL))
                .hasMessageContaining("catalog.url");
    }

    @Test
    void votersAreReadByIdAndAddress() {
        assertThat(Voters.parse("1@127.0.0.1:9093,2@[::1]:9094")).containsOnlyKeys(1, 2);
        assertThatThrownBy(() -> Voters.parse("localhost:9093"))
                .hasMessageContaining("id@host:port");
    }
}
