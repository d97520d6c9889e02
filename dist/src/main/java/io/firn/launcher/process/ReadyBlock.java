package io.firn.launcher.process;

import java.nio.file.Path;
import java.util.Optional;

/// What `firn standalone` prints when it is ready: the first line begins `Firn is ready`, and an
/// empty line ends it. Scripts read it, so the labels are a promise.
///
/// @param kafka `host:port` for clients
/// @param direct `host:port` of the broker's own listener for clients; empty when it has none
/// @param catalog `http://host:port`
/// @param s3 the S3 endpoint
/// @param metrics where Prometheus reads broker and gateway
public record ReadyBlock(
        String kafka,
        Optional<String> direct,
        String catalog,
        String s3,
        String metrics,
        Path keys,
        Path data,
        long millis) {
    /// The demo is not part of the distribution: it brings DuckDB, which no server needs.
    private static final String DEMO = "            ./firn demo   the whole story on real data\n";

    @Override
    public String toString() {
        return """
        Firn is ready (%.1f s)
          Kafka     %s
        %s\
          Catalog   %s   (Iceberg REST: /iceberg, schema registry: /registry, admin: /v1)
          S3        %s   (keys: %s)
          Metrics   %s   (the catalog's: /prometheus on its own address)
          Data      %s
          Try       kcat -b %s -L
        %s"""
                .formatted(
                        millis / 1000.0,
                        kafka,
                        direct.map("  Direct    %s   (the broker, past the gateway)\n"::formatted)
                                .orElse(""),
                        catalog,
                        s3,
                        keys,
                        metrics,
                        data,
                        kafka,
                        System.getenv("FIRN_CHECKOUT") == null ? "" : DEMO);
    }
}
