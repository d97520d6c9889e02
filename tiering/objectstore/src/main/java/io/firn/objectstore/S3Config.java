package io.firn.objectstore;

import java.net.URI;

/// Where the bucket is and who we are there.
///
/// @param pathStyle true for `endpoint/bucket/key`, which embedded and most private stores need
public record S3Config(
        URI endpoint,
        String region,
        String bucket,
        String accessKey,
        String secretKey,
        boolean pathStyle) {
    /// Without the secret: it must not reach a log.
    @Override
    public String toString() {
        return "S3Config[%s %s bucket=%s accessKey=%s]"
                .formatted(endpoint, region, bucket, accessKey);
    }
}
