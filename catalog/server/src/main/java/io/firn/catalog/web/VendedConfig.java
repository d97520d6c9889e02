package io.firn.catalog.web;

import io.firn.objectstore.S3Config;

import java.util.Map;
import java.util.TreeMap;

/// The storage configuration that goes with a loaded table; every engine there is has one key that
/// it cannot do without (ENGINES §2).
final class VendedConfig {
    private final S3Config s3;

    VendedConfig(S3Config s3) {
        this.s3 = s3;
    }

    /// @param delegation the `X-Iceberg-Access-Delegation` header; keys only when it asks for them
    Map<String, String> config(String delegation) {
        Map<String, String> config = new TreeMap<>();
        String endpoint = s3.endpoint().toString();
        // ClickHouse doubles the key without the slash.
        config.put("s3.endpoint", endpoint.endsWith("/") ? endpoint : endpoint + "/");
        config.put("s3.path-style-access", Boolean.toString(s3.pathStyle()));
        config.put("client.region", s3.region());
        config.put("s3.region", s3.region());
        if (delegation.contains("vended-credentials")) {
            config.put("s3.access-key-id", s3.accessKey());
            config.put("s3.secret-access-key", s3.secretKey());
        }
        return config;
    }
}
