package io.firn.benchmarks.servers;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;

import io.firn.benchmarks.BenchException;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/// Looks into the memory of a Firn process on this machine: over JMX, which is switched on through
/// the attach interface, from `/proc`, and from its metrics. Used by one thread.
public final class MemoryProbe implements AutoCloseable {
    /// What a [FirnServer] needs to be looked into: native memory is then counted by kind.
    public static final Map<String, String> ENVIRONMENT =
            Map.of(
                    "FIRN_AOT",
                    "off",
                    "FIRN_JAVA_OPTS",
                    "-XX:-UseDynamicNumberOfCompilerThreads -XX:NativeMemoryTracking=summary");

    private static final Pattern METRICS = Pattern.compile("(?m)^ *Metrics +(\\S+)");
    private static final Pattern OPEN_LOGS =
            Pattern.compile("(?m)^firn_log_open(?:\\{.*})? (\\S+)");

    /// Memory that Java code took for itself: direct buffers, however they were allocated.
    private static final Pattern OTHER =
            Pattern.compile("(?m)^- +Other \\(reserved=\\d+KB, committed=(\\d+)KB");

    private static final Pattern THREADS = Pattern.compile("(?m)^Threads:\\s+(\\d+)");

    private final long pid;
    private final URI metrics;
    private final JMXConnector connector;
    private final MBeanServerConnection connection;
    private final MemoryMXBean memory;
    private final ProcessFigures processes = new ProcessFigures();
    private final HttpClient http = HttpClient.newHttpClient();

    @SuppressWarnings("BanJNDI") // the address is one that a process of ours has just given us
    private MemoryProbe(long pid, URI metrics) throws Exception {
        this.pid = pid;
        this.metrics = metrics;
        VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
        try {
            this.connector =
                    JMXConnectorFactory.connect(
                            new JMXServiceURL(machine.startLocalManagementAgent()));
        } finally {
            machine.detach();
        }
        this.connection = connector.getMBeanServerConnection();
        this.memory =
                ManagementFactory.newPlatformMXBeanProxy(
                        connection, ManagementFactory.MEMORY_MXBEAN_NAME, MemoryMXBean.class);
    }

    /// @param server started with [#ENVIRONMENT], and ready
    public static MemoryProbe of(FirnServer server) {
        Matcher address = METRICS.matcher(server.process().output());
        if (!address.find()) {
            throw new BenchException("firn standalone did not print the address of its metrics");
        }
        try {
            return new MemoryProbe(server.process().pid(), URI.create(address.group(1)));
        } catch (AttachNotSupportedException | IOException e) {
            throw new BenchException(
                    "Cannot look into process %d: %s".formatted(server.process().pid(), e), e);
        } catch (Exception e) {
            throw new BenchException("Cannot look into Firn's memory: " + e, e);
        }
    }

    /// Collects garbage in the server first, which stops it for a moment.
    public MemorySample sample() {
        memory.gc();
        long heap = memory.getHeapMemoryUsage().getUsed();
        return new MemorySample(
                heap,
                Long.parseLong(found(OTHER, diagnose("vmNativeMemory", "summary"))) << 10,
                processes.residentBytes(List.of(pid)),
                Integer.parseInt(found(THREADS, status())),
                files(),
                (int) Double.parseDouble(found(OPEN_LOGS, metrics())));
    }

    /// Live objects by class, the largest first.
    ///
    /// @param rows how many
    public String histogram(int rows) {
        return String.join("\n", diagnose("gcClassHistogram").lines().limit(rows + 2L).toList());
    }

    /// All of the server's metrics, as Prometheus reads them.
    public String metrics() {
        try {
            return http.send(
                            HttpRequest.newBuilder(metrics).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new BenchException("Cannot read %s: %s".formatted(metrics, e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchException("Interrupted", e);
        }
    }

    @Override
    public void close() {
        try {
            connector.close();
        } catch (IOException e) {
            // The server may be gone before us.
        }
        http.close();
    }

    private String diagnose(String command, String... options) {
        try {
            return String.valueOf(
                    connection.invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            command,
                            new Object[] {options},
                            new String[] {String[].class.getName()}));
        } catch (IOException | JMException e) {
            throw new BenchException("Cannot ask Firn's JVM for %s: %s".formatted(command, e), e);
        }
    }

    private String status() {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "status"));
        } catch (IOException e) {
            throw new BenchException("Cannot read the status of process %d".formatted(pid), e);
        }
    }

    private int files() {
        int count = 0;
        try (DirectoryStream<Path> all =
                Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path unused : all) {
                count++;
            }
            return count;
        } catch (IOException e) {
            throw new BenchException("Cannot count the files of process %d".formatted(pid), e);
        }
    }

    private static String found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new BenchException("Cannot find %s in:%n%s".formatted(pattern, text));
        }
        return matcher.group(1);
    }
}
