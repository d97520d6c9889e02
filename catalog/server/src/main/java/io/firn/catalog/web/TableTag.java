package io.firn.catalog.web;

import org.apache.iceberg.rest.RESTCatalogProperties.SnapshotMode;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/// The ETag of a loaded table: what an answer holds besides its letters. Metadata files are never
/// changed, so their address stands for their content.
final class TableTag {
    private TableTag() {}

    /// @param config what is vended with the table; other keys are another answer
    static String of(String metadataLocation, SnapshotMode mode, Map<String, String> config) {
        String all = metadataLocation + "\n" + mode + "\n" + config;
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(all.getBytes(StandardCharsets.UTF_8));
            return "W/\"" + HexFormat.of().formatHex(digest, 0, 16) + "\"";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 belongs to every JDK", e);
        }
    }

    /// @param ifNoneMatch one or more tags, or `*`
    static boolean matches(String ifNoneMatch, String tag) {
        for (String one : ifNoneMatch.split(",", -1)) {
            String trimmed = one.trim();
            if (trimmed.equals("*") || weak(trimmed).equals(weak(tag))) {
                return true;
            }
        }
        return false;
    }

    /// `If-None-Match` compares weakly (RFC 9110, 13.1.2).
    private static String weak(String tag) {
        return tag.startsWith("W/") ? tag.substring(2) : tag;
    }
}
