package io.firn.benchmarks.servers;

import io.firn.benchmarks.BenchException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Starts each server when it is first asked for and keeps it up until the end, so that all have
/// warm JITs. Used by one thread.
public final class Testbed implements AutoCloseable {
    private final Installation installation;
    private final Path folder;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final Map<String, Object> servers = new HashMap<>();

    /// @param folder an empty folder on the disk to measure
    public Testbed(Installation installation, Path folder) {
        this.installation = installation;
        this.folder = folder;
    }

    public Installation installation() {
        return installation;
    }

    /// A fresh folder for a server of a load's own.
    public Path folder(String name) {
        try {
            return Files.createDirectories(folder.resolve(name));
        } catch (IOException e) {
            throw new BenchException("Cannot make a folder in %s: %s".formatted(folder, e), e);
        }
    }

    public Target target(Subject subject) {
        return switch (subject) {
            case KAFKA, KAFKA_AGAIN ->
                    new Target(subject, kafka().address(), List.of(kafka().process().pid()));
            case DIRECT, DIRECT_BATCH, DIRECT_REPLICATED -> {
                FirnServer firn = firn(subject.durability());
                yield new Target(subject, firn.directAddress(), List.of(firn.process().pid()));
            }
            case STANDALONE, STANDALONE_BATCH, STANDALONE_REPLICATED, STANDALONE_TABLES -> {
                FirnServer firn = firn(subject.durability());
                yield new Target(subject, firn.address(), List.of(firn.process().pid()));
            }
            case GATEWAY, GATEWAY_REPLICATED -> {
                FirnServer firn = firn(subject.durability());
                FirnGateway gateway = gateway(subject.durability());
                yield new Target(
                        subject,
                        gateway.address(),
                        List.of(gateway.process().pid(), firn.process().pid()));
            }
            case FORWARDER ->
                    limit(
                            subject,
                            () -> LimitServer.forwarder(kafka().address(), folder("limits")));
            case SPLICE_FORWARDER ->
                    limit(
                            subject,
                            () -> LimitServer.spliceForwarder(kafka().address(), folder("limits")));
            case MINIMAL -> limit(subject, () -> LimitServer.minimal(folder("limits")));
            case RING -> limit(subject, () -> LimitServer.ring(folder("limits")));
        };
    }

    public FirnServer firn(String durability) {
        return started(
                "firn-" + durability,
                () ->
                        new FirnServer(
                                installation.firnHome(),
                                folder("firn-" + durability),
                                installation.heap(),
                                durability,
                                FirnServer.WITHOUT_AOT));
    }

    private ApacheKafka kafka() {
        return started(
                "kafka",
                () ->
                        new ApacheKafka(
                                installation.kafkaLib(), folder("kafka"), installation.heap()));
    }

    private FirnGateway gateway(String durability) {
        return started(
                "gateway-" + durability,
                () -> new FirnGateway(firn(durability), folder("gateway-" + durability)));
    }

    private Target limit(Subject subject, Supplier<LimitServer> start) {
        LimitServer server = started(subject.key(), start);
        return new Target(subject, server.address(), List.of(server.process().pid()));
    }

    @SuppressWarnings("unchecked")
    private <T extends AutoCloseable> T started(String name, Supplier<T> start) {
        @Nullable Object known = servers.get(name);
        if (known == null) {
            T fresh = start.get();
            servers.put(name, fresh);
            running.push(fresh);
            return fresh;
        }
        return (T) known;
    }

    /// Stops them in the opposite order of their start.
    @Override
    public void close() {
        while (!running.isEmpty()) {
            try {
                running.pop().close();
            } catch (Exception e) {
                System.err.println("bench: a server did not stop: " + e);
            }
        }
    }
}
