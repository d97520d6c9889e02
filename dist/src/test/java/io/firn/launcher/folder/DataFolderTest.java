package io.firn.launcher.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.firn.launcher.process.Standalone;
import io.firn.launcher.settings.Setting;
import io.firn.launcher.settings.Settings;
import io.firn.launcher.settings.StartupException;
import io.firn.log.LogSettings;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class DataFolderTest {
    @TempDir Path temp;

    @Test
    void isMadeAtFirstUseAndSaysItsLayoutVersion() throws IOException {
        try (DataFolder folder = DataFolder.open(temp.resolve("new/data"))) {
            assertThat(Files.readString(folder.path("VERSION")))
                    .isEqualTo(DataFolder.LAYOUT_VERSION + "\n");
        }
    }

    @Test
    void hasOneOwnerAtATime() {
        DataFolder first = DataFolder.open(temp); // L12
        assertThatThrownBy(() -> DataFolder.open(temp))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("another Firn process uses it");
        first.close();
        DataFolder.open(temp).close();
    }

    @Test
    void refusesALayoutThatIsNewer() throws IOException {
        Files.writeString(temp.resolve("VERSION"), "99\n");
        assertThatThrownBy(() -> DataFolder.open(temp))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("layout version is 99");
    }

    @Test
    void refusesALayoutThatIsOlder() throws IOException { // L14
        Files.writeString(temp.resolve("VERSION"), "1\n");
        assertThatThrownBy(() -> DataFolder.open(temp))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("layout version is 1");
    }

    @Test
    void refusesAFolderThatItDidNotWrite() throws IOException {
        Files.writeString(temp.resolve("VERSION"), "hello\n");
        assertThatThrownBy(() -> DataFolder.open(temp)).hasMessageContaining("'hello'");
    }

    @Test
    void refusesADiskWithoutRoomAndNeedsLessOnceItIsLaidDown() throws IOException {
        Path root = temp.resolve("data");
        assertThatThrownBy(() -> DataFolder.open(root, Long.MAX_VALUE, 0))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("MiB free");
        assertThat(root).isEmptyDirectory();
        DataFolder.open(root, 0, 0).close();
        DataFolder.open(root, Long.MAX_VALUE, 0).close();
    }

    @Test
    void aDiskThatRefusesProduceStillStartsAndAFirstStartLeavesRoomToProduce() { // C11
        LogSettings log = LogSettings.of(temp);
        assertThat(log.minFreeBytes()).isGreaterThanOrEqualTo(2 * DataFolder.LATER_FREE_BYTES);
        assertThat(DataFolder.FIRST_FREE_BYTES).isGreaterThan(log.ringBytes() + log.minFreeBytes());
    }

    @Test
    void anEmptyVersionIsAFirstStartThatWasCutOff() throws IOException {
        Files.writeString(temp.resolve("VERSION"), "");
        try (DataFolder folder = DataFolder.open(temp)) {
            assertThat(Files.readString(folder.path("VERSION")))
                    .isEqualTo(DataFolder.LAYOUT_VERSION + "\n");
        }
    }

    @Test
    void dataWithoutItsKeysIsRefusedInWordsAndStaysAsItIs() throws IOException {
        Path root = temp.resolve("data");
        try (DataFolder first = DataFolder.open(root)) {
            Keys.ofCluster(first);
        }
        Files.createDirectories(root.resolve("raft/controller"));
        Files.createDirectories(root.resolve("log"));
        Path away = temp.resolve("keys-away");
        Files.move(root.resolve("keys"), away);
        assertThatThrownBy(
                        () ->
                                Standalone.start(
                                        Settings.empty()
                                                .with(Setting.DATA, root.toString())
                                                .with(Setting.KAFKA_PORT, "0")
                                                .with(Setting.CATALOG_PORT, "0")
                                                .with(Setting.S3_PORT, "0")))
                .isInstanceOf(StartupException.class)
                .hasMessageStartingWith("Cannot start on data folder " + root)
                .hasMessageContaining("keys/ has no cluster.id and no cluster.key")
                .hasMessageContaining("raft/ and log/")
                .hasMessageContaining("Put keys/ back");
        assertThat(root.resolve("keys")).doesNotExist();
        Files.move(away, root.resolve("keys"));
        Files.delete(root.resolve("keys/cluster.key"));
        try (DataFolder again = DataFolder.open(root)) {
            assertThatThrownBy(() -> Keys.ofCluster(again))
                    .hasMessageContaining("keys/ has no cluster.key,");
        }
        assertThat(root.resolve("keys/cluster.key")).doesNotExist();
    }

    @Test
    void aFirstStartThatWasCutOffHasItsKeysBeforeAnyData() {
        try (DataFolder folder = DataFolder.open(temp)) {
            Keys.ofCluster(folder);
            assertThat(folder.path("keys/cluster.id")).isNotEmptyFile();
            assertThat(folder.path("keys/cluster.key")).isNotEmptyFile();
        }
    }
}
