package io.firn.catalog.client;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Bodies of `/internal/v1` and the token that opens it; client and server share them.
public final class InternalApi {
    /// Every path begins with it; a change that old clients cannot read takes the next number.
    public static final String PREFIX = "/internal/v1";

    private InternalApi() {}

    public record TableRequest(
            String tenant, String topic, String tableName, Set<Integer> schemaIds) {}

    public record FenceRequest(int leaderEpoch, long logStart) {}

    public record UploadedRequest(FileRow file, List<ExtentRow> extents) {}

    public record LogStartRequest(long logStart, boolean keepRows) {}

    public record CommittedAnswer(long coldEnd) {}

    /// @param code `fenced`, `dropped`, `refused`, `unavailable`, `unknown-outcome`, `unauthorized`
    public record ErrorAnswer(String code, String message) {}

    /// The bearer token of a cluster key: not the key itself, which also signs prefaces.
    public static String token(byte[] clusterKey) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(clusterKey, "HmacSHA256"));
            byte[] digest =
                    mac.doFinal("firn catalog internal v1".getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 belongs to every JDK", e);
        }
    }

    public static String segment(UUID id) {
        return PREFIX + "/segments/" + id;
    }

    public static String topic(UUID id) {
        return PREFIX + "/topics/" + id;
    }

    public static String partition(UUID id, int partition) {
        return topic(id) + "/partitions/" + partition;
    }
}
