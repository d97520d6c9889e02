package io.firn.launcher.health;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import io.firn.launcher.settings.StartupException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/// `/prometheus` and `/health` of a role that has no HTTP server of its own. It keeps few
/// connections, and half requests for seconds only, so that descriptors stay with the log (G7).
public final class MetricsServer implements AutoCloseable {
    /// More than there are scrapers, and far less than the fifth of all descriptors that is kept.
    static final int MOST_CONNECTIONS = 64;

    private static final int MOST_REQUEST_SECONDS = 10;

    static { // the JDK's server reads them once, and has no other way to be told
        System.setProperty("jdk.httpserver.maxConnections", String.valueOf(MOST_CONNECTIONS));
        System.setProperty("sun.net.httpserver.maxReqTime", String.valueOf(MOST_REQUEST_SECONDS));
        System.setProperty("sun.net.httpserver.maxRspTime", String.valueOf(MOST_REQUEST_SECONDS));
    }

    private final HttpServer server;

    private MetricsServer(HttpServer server) {
        this.server = server;
    }

    /// @param scrape the series in Prometheus' text format
    /// @param health what `/health` says
    public static MetricsServer start(
            String host, int port, Supplier<String> scrape, Health health) {
        try {
            HttpServer server =
                    HttpServer.create(new InetSocketAddress(InetAddress.getByName(host), port), 16);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext(
                    "/prometheus",
                    exchange -> answer(exchange, 200, "text/plain; version=0.0.4", scrape.get()));
            server.createContext(
                    "/health",
                    exchange -> {
                        Health.Report report = health.look();
                        answer(exchange, report.httpStatus(), "application/json", report.json());
                    });
            server.start();
            return new MetricsServer(server);
        } catch (IOException e) {
            throw new StartupException(
                    "Cannot start: the metrics address %s:%d is taken or not of this machine (%s). Choose another with metrics-port."
                            .formatted(host, port, e.getMessage()),
                    e);
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, int status, String type, String text)
            throws IOException {
        try (exchange) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
