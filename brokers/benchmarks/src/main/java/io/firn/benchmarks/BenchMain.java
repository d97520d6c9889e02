package io.firn.benchmarks;

import picocli.CommandLine;

import java.io.PrintWriter;

/// `./firn bench`.
public final class BenchMain {
    private BenchMain() {}

    public static void main(String[] args) {
        System.exit(
                new CommandLine(new BenchCommand())
                        .setExecutionExceptionHandler(BenchMain::explain)
                        .setUsageHelpAutoWidth(true)
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .execute(args));
    }

    private static int explain(
            Exception error, CommandLine command, CommandLine.ParseResult result) {
        PrintWriter err = command.getErr();
        if (error instanceof BenchException) {
            err.println("bench: " + error.getMessage());
        } else {
            error.printStackTrace(err);
        }
        err.flush();
        return 1;
    }
}
