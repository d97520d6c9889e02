package io.firn.objectstore.embedded;

/// The embedded S3 endpoint could not start; the message is for the user.
public final class EmbeddedS3Exception extends RuntimeException {
    EmbeddedS3Exception(String message, Throwable cause) {
        super(message, cause);
    }
}
