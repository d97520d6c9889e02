package io.firn.launcher.cluster;

import io.firn.launcher.folder.DataFolder;
import io.firn.launcher.settings.Role;
import io.firn.launcher.settings.StartupException;
import io.firn.protocol.CloseStack;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// All processes of a cluster, started and watched by this one. What ends by itself, or is killed,
/// stays down until somebody asks for it: who plays with failure wants to see it.
///
/// Others find its state in `run/cluster.json` and ask for a start by a file `run/start/ID`. One
/// thread at a time changes anything.
public final class LocalCluster implements AutoCloseable {
    private static final long LOOK_MILLIS = 200;
    private static final List<Role> STOP_ORDER =
            List.of(Role.GATEWAY, Role.BROKER, Role.CATALOG, Role.CONTROLLER, Role.BACKENDS);

    private final Path folder;
    private final PrintStream told;
    private final Plan plan;
    private final Map<String, MemberProcess> processes = new LinkedHashMap<>();
    private final Map<String, ClusterState.Entry> seen = new LinkedHashMap<>();
    private final long startNanos = System.nanoTime();
    private boolean stopping;

    /// Starts all of them, and returns when all are ready.
    ///
    /// @param data the cluster's folder, made at the first start
    /// @param told gets a line when a process ends or is started again
    /// @param parts gets what there is to close, so that a signal stops a start half-way
    /// @throws StartupException when one cannot start; the others are stopped then
    public static LocalCluster start(
            Path data,
            Shape shape,
            int kafka,
            int catalog,
            int s3,
            PrintStream told,
            CloseStack parts) {
        DataFolder folder = parts.add(DataFolder.open(data));
        var asked = new KeptPorts.Asked(kafka, catalog, s3);
        LocalCluster cluster = parts.add(new LocalCluster(folder.root(), shape, asked, told));
        cluster.startAll();
        return cluster;
    }

    private LocalCluster(Path folder, Shape shape, KeptPorts.Asked asked, PrintStream told) {
        this.folder = folder;
        this.told = told;
        try {
            for (String name : List.of("config", "logs", "run/start")) {
                Files.createDirectories(folder.resolve(name));
            }
            requireSameVoters(shape);
            forgetRequests();
            stopLeftovers();
            var ports =
                    new KeptPorts(folder.resolve("ports.properties"), ClusterFiles.LOOPBACK, asked);
            this.plan = ClusterFiles.plan(folder, shape, ports);
            for (Member member : plan.members()) {
                ClusterFiles.write(config(member), member.config());
            }
            ports.save();
        } catch (IOException e) {
            throw new StartupException("Cannot make a cluster in %s: %s.".formatted(folder, e), e);
        }
    }

    /// What was asked of a command that ended.
    private void forgetRequests() throws IOException {
        try (Stream<Path> requests = Files.list(folder.resolve("run/start"))) {
            for (Path request : requests.toList()) {
                Files.deleteIfExists(request);
            }
        }
    }

    /// The voters of a quorum are written into its log at the first start.
    private void requireSameVoters(Shape shape) throws IOException {
        Path file = folder.resolve("controllers");
        if (!Files.exists(file)) {
            Files.writeString(file, shape.controllers() + "\n");
        }
        String before = Files.readString(file).strip();
        if (!before.equals(String.valueOf(shape.controllers()))) {
            throw new StartupException(
                    "Cannot start a cluster of %d controllers in %s: it was made with %s, and voters cannot be added or removed yet. Say --controllers %s."
                            .formatted(shape.controllers(), folder, before, before));
        }
    }

    /// A command that was killed leaves its processes behind, which hold the folders.
    private void stopLeftovers() {
        List<ClusterState.Entry> left =
                ClusterState.read(folder).stream()
                        .flatMap(state -> state.members().stream())
                        .filter(entry -> entry.process().isPresent())
                        .toList();
        for (ClusterState.Entry entry : left) {
            told.printf(
                    "%s still runs from before (pid %d): stopping it%n", entry.id(), entry.pid());
            entry.process().ifPresent(LocalCluster::stop);
        }
    }

    private void startAll() {
        start(Role.BACKENDS);
        start(Role.CONTROLLER);
        start(Role.CATALOG, Role.BROKER, Role.GATEWAY);
    }

    private void start(Role... roles) {
        List<MemberProcess> started =
                plan.members().stream()
                        .filter(member -> List.of(roles).contains(member.role()))
                        .map(this::launch)
                        .toList();
        started.forEach(this::awaitReady);
    }

    private synchronized MemberProcess launch(Member member) {
        if (stopping) {
            throw new CloseStack.ClosedException("the cluster is stopping");
        }
        Path log = folder.resolve("logs").resolve(member.id() + ".log");
        MemberProcess process = MemberProcess.start(member, config(member), log);
        processes.put(member.id(), process);
        seen(process, false, null);
        return process;
    }

    private void awaitReady(MemberProcess process) {
        process.awaitReady();
        seen(process, true, null);
    }

    private synchronized void seen(MemberProcess process, boolean ready, @Nullable String trouble) {
        Member member = process.member();
        seen.put(
                member.id(),
                new ClusterState.Entry(
                        member.id(),
                        process.pid(),
                        process.started(),
                        ready,
                        member.address(),
                        process.log().toString(),
                        member.healthUrl(),
                        trouble));
        ClusterState.of(List.copyOf(seen.values())).write(folder);
    }

    private Path config(Member member) {
        return folder.resolve("config").resolve(member.id() + ".yaml");
    }

    /// Watches until the cluster is closed: says what ends, and starts what others ask for.
    public void watch() throws InterruptedException {
        Set<MemberProcess> ended = new HashSet<>();
        while (!isStopping()) {
            for (MemberProcess process : latest()) {
                if (!process.isAlive() && ended.add(process) && !isStopping()) {
                    told.printf(
                            "%1$s (pid %2$d) ended with status %3$d; start it again with: firn cluster start %1$s --data %4$s%n",
                            process.member().id(), process.pid(), process.exit(), folder);
                }
            }
            plan.members().forEach(this::startIfAsked);
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }

    private void startIfAsked(Member member) {
        Path request = request(folder, member.id());
        try {
            if (!Files.deleteIfExists(request)) {
                return;
            }
        } catch (IOException e) {
            told.printf("Cannot read the request %s: %s%n", request, e);
            return;
        }
        MemberProcess before = process(member.id());
        if (before != null && before.isAlive()) {
            return;
        }
        MemberProcess process = launch(member);
        try {
            awaitReady(process);
            told.printf("%s is back (pid %d)%n", member.id(), process.pid());
        } catch (StartupException e) {
            seen(process, false, e.line());
            told.println(e.line());
        }
    }

    private synchronized @Nullable MemberProcess process(String id) {
        return processes.get(id);
    }

    private synchronized List<MemberProcess> latest() {
        return List.copyOf(processes.values());
    }

    private synchronized boolean isStopping() {
        return stopping;
    }

    static Path request(Path folder, String id) {
        return folder.resolve("run/start").resolve(id);
    }

    static void stop(ProcessHandle process) {
        process.destroy();
        MemberProcess.awaitEnd(process);
    }

    /// The block that says who runs where. Scripts read it, so its form is a promise: the first
    /// line begins `Firn cluster is ready`, and each process has a line of ID, `pid`, PID, address
    /// and log file.
    public synchronized String ready() {
        String lines =
                seen.values().stream()
                        .map(
                                entry ->
                                        "  %-16s pid %-8d %s  %s"
                                                .formatted(
                                                        entry.id(),
                                                        entry.pid(),
                                                        entry.address(),
                                                        entry.log()))
                        .collect(Collectors.joining("\n"));
        String kafka =
                seen.values().stream()
                        .filter(entry -> entry.id().startsWith(Role.GATEWAY.label()))
                        .map(ClusterState.Entry::address)
                        .collect(Collectors.joining(","));
        return """
        Firn cluster is ready (%.1f s)
        %s
          Data             %s
          Try              kcat -b %s -L
                           firn cluster status --data %s
        """
                .formatted((System.nanoTime() - startNanos) / 1e9, lines, folder, kafka, folder);
    }

    /// Stops all, those first that need the others.
    @Override
    public void close() {
        List<MemberProcess> all;
        synchronized (this) {
            stopping = true;
            all = List.copyOf(processes.values());
        }
        for (Role role : STOP_ORDER) {
            List<MemberProcess> these =
                    all.stream().filter(process -> process.member().role() == role).toList();
            these.forEach(MemberProcess::tellToStop);
            these.forEach(MemberProcess::awaitEnd);
        }
    }
}
