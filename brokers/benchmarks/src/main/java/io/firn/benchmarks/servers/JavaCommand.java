package io.firn.benchmarks.servers;

import java.util.ArrayList;
import java.util.List;

/// Command lines of Java processes: always the JDK that runs the benchmark.
final class JavaCommand {
    private JavaCommand() {}

    static String java() {
        return ProcessHandle.current().info().command().orElse("java");
    }

    static List<String> of(List<String> flags, String classPath, String main, List<String> args) {
        var command = new ArrayList<String>();
        command.add(java());
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(args);
        return command;
    }
}
