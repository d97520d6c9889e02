package io.firn.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.junit.jupiter.api.Test;

import picocli.CommandLine;
import picocli.CommandLine.Command;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;

/// D10: what is told in one line, and what is a bug.
class StartupExceptionTest {
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
}
