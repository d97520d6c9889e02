package io.firn.objectstore;

import software.amazon.awssdk.services.s3.model.S3Exception;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Waits for an answer of the SDK and turns its errors into ours.
final class S3Calls {
    /// 412: something has that name already.
    static final class PreconditionFailed extends RuntimeException {
        PreconditionFailed(Throwable cause) {
            super(cause);
        }
    }

    private S3Calls() {}

    static <T> T await(String action, Object thing, CompletableFuture<T> answer) {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException(
                    "Cannot %s %s: interrupted while waiting for the store"
                            .formatted(action, thing),
                    e);
        } catch (ExecutionException e) {
            throw translated(action, thing, e.getCause() == null ? e : e.getCause());
        }
    }

    private static RuntimeException translated(String action, Object thing, Throwable cause) {
        if (!(cause instanceof S3Exception s3)) {
            return new StoreUnavailableException(
                    "Cannot %s %s: no answer from the object store (%s)"
                            .formatted(action, thing, cause.getMessage()),
                    cause);
        }
        String code = s3.awsErrorDetails() == null ? "" : s3.awsErrorDetails().errorCode();
        if (s3.statusCode() == 412) {
            return new PreconditionFailed(s3);
        }
        if (s3.statusCode() == 404
                && thing instanceof ObjectKey key
                && !"NoSuchBucket".equals(code)) {
            return new ObjectMissingException(key, s3);
        }
        if (s3.statusCode() == 416) {
            return new IllegalArgumentException(
                    "Cannot %s %s: the range lies outside the object".formatted(action, thing), s3);
        }
        if (s3.statusCode() == 503 || s3.statusCode() == 429 || code.equals("SlowDown")) {
            return new StoreBusyException(
                    "Cannot %s %s: the object store is asked too much and answered %d %s"
                            .formatted(action, thing, s3.statusCode(), code),
                    s3);
        }
        // 403 too: keys may be turned while we run, so this is for now and not for ever.
        return new StoreUnavailableException(
                "Cannot %s %s: the object store answered %d %s (%s)"
                        .formatted(action, thing, s3.statusCode(), code, s3.getMessage()),
                s3);
    }
}
