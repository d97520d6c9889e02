package io.firn.objectstore;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// A bucket behind the S3 protocol. Connections and time are bounded; writes are create-only
/// (`If-None-Match: *`, never `If-Match`, which the embedded store does not keep) and carry a
/// CRC32C.
public final class S3ObjectStore implements ObjectStore {
    /// Our own note of the checksum: not every store keeps and returns S3's.
    private static final String CRC_NOTE = "firn-crc32c";

    private final S3AsyncClient client;
    private final String bucket;

    private S3ObjectStore(S3AsyncClient client, String bucket) {
        this.client = client;
        this.bucket = bucket;
    }

    /// Makes no connection yet: a store that is away is found out by the first call.
    public static S3ObjectStore connect(S3Config config) {
        var http =
                NettyNioAsyncHttpClient.builder()
                        .maxConcurrency(48)
                        .maxPendingConnectionAcquires(2_000)
                        .connectionAcquisitionTimeout(Duration.ofSeconds(30))
                        .connectionTimeout(Duration.ofSeconds(5))
                        .readTimeout(Duration.ofSeconds(30))
                        .writeTimeout(Duration.ofSeconds(30))
                        .eventLoopGroupBuilder(SdkEventLoopGroup.builder().numberOfThreads(2));
        var keys = AwsBasicCredentials.create(config.accessKey(), config.secretKey());
        S3AsyncClient client =
                S3AsyncClient.builder()
                        .endpointOverride(config.endpoint())
                        .region(Region.of(config.region()))
                        .forcePathStyle(config.pathStyle())
                        .credentialsProvider(StaticCredentialsProvider.create(keys))
                        .httpClientBuilder(http)
                        .asyncConfiguration(
                                a ->
                                        a.advancedOption(
                                                SdkAdvancedAsyncClientOption
                                                        .FUTURE_COMPLETION_EXECUTOR,
                                                Runnable::run))
                        .overrideConfiguration(
                                o ->
                                        o.apiCallAttemptTimeout(Duration.ofSeconds(120))
                                                .apiCallTimeout(Duration.ofSeconds(240)))
                        .build();
        return new S3ObjectStore(client, config.bucket());
    }

    @Override
    public PutResult putIfAbsent(ObjectKey key, Path file) {
        try {
            return put(
                    key, AsyncRequestBody.fromFile(file), Files.size(file), Checksums.crc32c(file));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot read %s to store it as %s".formatted(file, key), e);
        }
    }

    @Override
    public PutResult putIfAbsent(ObjectKey key, byte[] bytes) {
        return put(key, AsyncRequestBody.fromBytes(bytes), bytes.length, Checksums.crc32c(bytes));
    }

    private PutResult put(ObjectKey key, AsyncRequestBody body, long size, String crc32c) {
        var request =
                PutObjectRequest.builder()
                        .bucket(bucket)
                        .key(key.name())
                        .ifNoneMatch("*")
                        .contentLength(size)
                        .checksumCRC32C(Checksums.base64(crc32c))
                        .metadata(Map.of(CRC_NOTE, crc32c))
                        .build();
        try {
            S3Calls.await("write", key, client.putObject(request, body));
            return new PutResult(key, size, crc32c, false);
        } catch (S3Calls.PreconditionFailed there) {
            return adopt(key, size, crc32c);
        }
    }

    /// Somebody wrote this name before: us, in an attempt whose answer was lost, or another.
    private PutResult adopt(ObjectKey key, long size, String crc32c) {
        ObjectInfo there =
                head(key)
                        .orElseThrow(
                                () ->
                                        new StoreUnavailableException(
                                                "Cannot write object %s: the store says both that it is there and that it is not; try again"
                                                        .formatted(key),
                                                null));
        String theirs = there.crc32c();
        if (theirs == null && there.size() == size) {
            theirs = Checksums.crc32c(read(key));
        }
        if (there.size() != size || !crc32c.equals(theirs)) {
            throw new ObjectConflictException(
                    key,
                    "%d bytes, CRC32C %s".formatted(there.size(), theirs),
                    "%d bytes, CRC32C %s".formatted(size, crc32c));
        }
        return new PutResult(key, size, crc32c, true);
    }

    @Override
    public byte[] read(ObjectKey key) {
        return S3Calls.await(
                        "read",
                        key,
                        client.getObject(get(key).build(), AsyncResponseTransformer.toBytes()))
                .asByteArrayUnsafe();
    }

    @Override
    public void read(ObjectKey key, long position, ByteBuffer into) {
        int length = into.remaining();
        if (position < 0) {
            throw new IllegalArgumentException(
                    "Cannot read %d bytes at %d of %s".formatted(length, position, key));
        }
        if (length == 0) {
            return;
        }
        String range = "bytes=%d-%d".formatted(position, position + length - 1);
        int read =
                S3Calls.await(
                        "read",
                        key,
                        client.getObject(get(key).range(range).build(), new BufferFiller(into)));
        if (read != length) {
            throw new IllegalArgumentException(
                    "Cannot read %d bytes at %d of %s: the store sent %d"
                            .formatted(length, position, key, read));
        }
    }

    private GetObjectRequest.Builder get(ObjectKey key) {
        return GetObjectRequest.builder().bucket(bucket).key(key.name());
    }

    @Override
    public Optional<ObjectInfo> head(ObjectKey key) {
        try {
            var head =
                    S3Calls.await(
                            "look at",
                            key,
                            client.headObject(h -> h.bucket(bucket).key(key.name())));
            return Optional.of(
                    new ObjectInfo(
                            key,
                            head.contentLength(),
                            head.lastModified(),
                            head.metadata().get(CRC_NOTE)));
        } catch (ObjectMissingException none) {
            return Optional.empty();
        }
    }

    @Override
    public Stream<ObjectInfo> list(String prefix) {
        return Stream.iterate(page(prefix, null), Objects::nonNull, p -> next(prefix, p))
                .flatMap(p -> p.contents().stream())
                .flatMap(o -> info(o).stream());
    }

    private ListObjectsV2Response page(
            String prefix, @org.jspecify.annotations.Nullable String token) {
        return S3Calls.await(
                "list",
                prefix,
                client.listObjectsV2(
                        l -> l.bucket(bucket).prefix(prefix).continuationToken(token)));
    }

    @SuppressWarnings("NullAway") // the end of Stream.iterate
    private ListObjectsV2Response next(String prefix, ListObjectsV2Response page) {
        return Boolean.TRUE.equals(page.isTruncated())
                ? page(prefix, page.nextContinuationToken())
                : null;
    }

    /// Names that Firn never makes (folders of foreign tools) are passed over.
    private static Optional<ObjectInfo> info(S3Object o) {
        return o.key().endsWith("/") || o.key().contains("//")
                ? Optional.empty()
                : Optional.of(
                        new ObjectInfo(new ObjectKey(o.key()), o.size(), o.lastModified(), null));
    }

    @Override
    public void delete(ObjectKey key) {
        try {
            S3Calls.await(
                    "delete", key, client.deleteObject(d -> d.bucket(bucket).key(key.name())));
        } catch (ObjectMissingException gone) {
            // as asked
        }
    }

    @Override
    public int abortUploads(String prefix, Instant before) {
        var open =
                S3Calls.await(
                        "list uploads of",
                        prefix,
                        client.listMultipartUploads(l -> l.bucket(bucket).prefix(prefix)));
        var old = new ArrayList<MultipartUpload>();
        for (MultipartUpload u : open.uploads()) {
            if (u.initiated() != null && u.initiated().isBefore(before)) {
                old.add(u);
            }
        }
        for (MultipartUpload u : old) {
            S3Calls.await(
                    "give up an upload of",
                    u.key(),
                    client.abortMultipartUpload(
                            a -> a.bucket(bucket).key(u.key()).uploadId(u.uploadId())));
        }
        return old.size();
    }

    /// Returns at once: the SDK's event loops wait two seconds for stragglers, and whoever closes
    /// has none.
    @Override
    public void close() {
        Thread.ofPlatform().daemon().name("s3-close").start(client::close);
    }
}
