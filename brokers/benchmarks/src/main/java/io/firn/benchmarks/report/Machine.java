package io.firn.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where figures were taken.
///
/// @param disk the file system of the data folders
public record Machine(
        String processor, int cores, long memoryMiB, String kernel, String disk, String java) {
    /// This machine.
    ///
    /// @param folder where the servers keep their data
    public static Machine here(Path folder) throws IOException {
        return new Machine(
                line("/proc/cpuinfo", "model name").replaceAll(".*:\\s*", ""),
                Runtime.getRuntime().availableProcessors(),
                Long.parseLong(line("/proc/meminfo", "MemTotal").replaceAll("[^0-9]", "")) >> 10,
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                Files.getFileStore(folder).type(),
                System.getProperty("java.vendor.version", "")
                        + " "
                        + System.getProperty("java.version"));
    }

    private static String line(String file, String start) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> line.startsWith(start))
                .findFirst()
                .orElse("0");
    }
}
