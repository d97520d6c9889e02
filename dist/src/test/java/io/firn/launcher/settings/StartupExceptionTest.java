package io.firn.launcher.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.firn.launcher.FirnMain;
import io.firn.log.HotLog;
import io.firn.log.LogSettings;

import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import picocli.CommandLine;
import picocli.CommandLine.Command;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/// D10: what is told in one line, and what is a bug.
class StartupExceptionTest {
    @TempDir Path temp;

    @Command(name = "fail")
    private static final class Failing implements Callable<Integer> {
        private final Callable<Integer> work;

        Failing(Callable<Integer> work) {
            this.work = work;
        }

        @Override
        public Integer call() throws Exception {
            return work.call();
        }
    }

    private static String errorsOf(Callable<Integer> work) {
        var err = new StringWriter();
        CommandLine command =
                FirnMain.commandLine()
                        .addSubcommand(new Failing(work))
                        .setErr(new PrintWriter(err))
                        .setExecutionExceptionHandler(
                                FirnMain.commandLine().getExecutionExceptionHandler());
        assertThat(command.execute("fail")).isEqualTo(1);
        return err.toString();
    }

    @Test
    void aNullPointerOfTheJvmIsABugWithItsStackTrace() {
        String[] none = new String[1];
        String errors = errorsOf(() -> none[0].length());
        assertThat(errors)
                .contains("This is a bug of Firn", "Cannot invoke", "StartupExceptionTest.");
    }

    @Test
    void whatTheJdkSaysIsNoRefusalOfFirns() {
        Throwable jdk = catchThrowable(() -> new ProcessBuilder("/no/such/program").start());
        assertThat(jdk).isInstanceOf(IOException.class).hasMessageStartingWith("Cannot run");
        assertThat(StartupException.in(new RuntimeException(jdk))).isEmpty();
    }

    @Test
    void whatAPartOfFirnRefusesIsOneLine() {
        Throwable refused =
                new IllegalStateException(
                        "Cannot use /data: another process has it open.\n  Stop it.");
        String errors =
                errorsOf(
                        () -> {
                            throw new RuntimeException(refused);
                        });
        assertThat(errors.lines())
                .containsExactly("firn: Cannot use /data: another process has it open. Stop it.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"journal", "manifest"})
    void aLogFolderThatLacksAFileIsRefusedInOneLineThatNamesIt(String file) throws IOException {
        LogSettings settings = LogSettings.of(temp).withRingBytes(1 << 20).withMinFreeBytes(0);
        logs(settings);
        Files.delete(temp.resolve(file));
        assertRefused(settings, file, "is missing", "Restore", "move the folder away");
        if (file.equals("manifest")) {
            Files.delete(temp.resolve("meta.properties"));
            assertRefused(settings, file, "meta.properties", "Restore", "move the folder away");
            assertThat(temp.resolve("meta.properties")).doesNotExist();
        }
    }

    @Test
    void aLogFolderThatLacksMetaPropertiesIsKnownByItsManifest() throws IOException {
        LogSettings settings = LogSettings.of(temp).withRingBytes(1 << 20).withMinFreeBytes(0);
        Uuid id = logs(settings.withClusterId("ours"));
        Files.delete(temp.resolve("meta.properties"));
        assertRefused(settings.withClusterId("another"), "of cluster ours", "another");
        try (HotLog again = HotLog.open(settings.withClusterId("ours"))) {
            assertThat(again.directoryId()).isEqualTo(id);
            assertThat(again.isNew()).isFalse();
        }
    }

    @Test
    void aJournalThatCannotBeReadIsRefusedInOneLine() throws IOException {
        LogSettings settings = LogSettings.of(temp).withRingBytes(1 << 20).withMinFreeBytes(0);
        logs(settings);
        Files.delete(temp.resolve("journal"));
        Files.createDirectory(temp.resolve("journal"));
        assertRefused(settings, "Cannot open the log in " + temp, "journal");
    }

    /// A folder that had a log.
    private Uuid logs(LogSettings settings) throws IOException {
        try (HotLog hot = HotLog.open(settings)) {
            Files.createDirectory(temp.resolve("orders-0"));
            return hot.directoryId();
        }
    }

    private static void assertRefused(LogSettings settings, String... words) {
        String errors =
                errorsOf(
                        () -> {
                            HotLog.open(settings).close();
                            return 0;
                        });
        assertThat(errors.lines()).hasSize(1);
        assertThat(errors).startsWith("firn: Cannot ").contains(words);
    }
}
