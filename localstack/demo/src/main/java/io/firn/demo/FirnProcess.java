package io.firn.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A `firn standalone` of the demo's own, on free ports, read through the block that it prints when
/// it is ready.
final class FirnProcess implements AutoCloseable {
    private final Process process;
    private final Path data;
    private final String kafka;
    private final String catalog;

    private FirnProcess(Process process, Path data, String kafka, String catalog) {
        this.process = process;
        this.data = data;
        this.kafka = kafka;
        this.catalog = catalog;
    }

    /// @param home the distribution's folder, which has `bin/firn`
    static FirnProcess start(Path home, Path data) {
        try {
            Process process =
                    new ProcessBuilder(
                                    home.resolve("bin/firn").toString(),
                                    "standalone",
                                    "--data",
                                    data.toString(),
                                    "--kafka-port",
                                    "0",
                                    "--catalog-port",
                                    "0",
                                    "--s3-port",
                                    "0")
                            .redirectError(data.resolveSibling("firn-demo.log").toFile())
                            .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "demo-stop"));
            List<String> block = readyBlock(process.inputReader(StandardCharsets.UTF_8));
            return new FirnProcess(
                    process,
                    data,
                    address(block, "Kafka\\s+(\\S+:\\d+)"),
                    address(block, "Catalog\\s+(http\\S+)"));
        } catch (IOException e) {
            throw new DemoException("Cannot start %s/bin/firn: %s".formatted(home, e), e);
        }
    }

    String kafka() {
        return kafka;
    }

    String catalog() {
        return catalog;
    }

    /// The folder that the embedded S3 endpoint keeps its buckets in.
    Path objects() {
        return data.resolve("objects");
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static List<String> readyBlock(BufferedReader out) throws IOException {
        var lines = new ArrayList<String>();
        boolean ready = false;
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            ready |= line.startsWith("Firn is ready");
            if (ready) {
                lines.add(line);
                if (line.isBlank()) {
                    return lines;
                }
            }
        }
        throw new DemoException(
                "firn standalone ended before it was ready; see firn-demo.log beside the data folder");
    }

    private static String address(List<String> block, String pattern) {
        Pattern compiled = Pattern.compile(pattern);
        Optional<String> found =
                block.stream()
                        .map(compiled::matcher)
                        .filter(Matcher::find)
                        .map(m -> m.group(1))
                        .findFirst();
        return found.orElseThrow(
                () -> new DemoException("firn standalone printed no address like " + pattern));
    }
}
