package io.firn.objectstore.embedded;

import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.blobstore.domain.MultipartUpload;

import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadResponse;
import software.amazon.awssdk.services.s3.model.CopyObjectRequest;
import software.amazon.awssdk.services.s3.model.CopyObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Answers a write only when the file and every folder on its way are synced. S3Proxy publishes an
/// object by linking a complete file, so a killed process leaves it whole or not there; after a
/// power cut an object that was never answered may be torn, and C4's HEAD and the checksum on
/// adoption find it.
final class DurableBlobStore extends ForwardingBlobStore {
    private final Path root;

    DurableBlobStore(BlobStore files, Path root) {
        super(files);
        this.root = root;
    }

    @Override
    public PutObjectResponse putBlob(PutObjectRequest request, InputStream payload) {
        PutObjectResponse answer = super.putBlob(request, payload);
        syncObject(request.bucket(), request.key());
        return answer;
    }

    @Override
    public CopyObjectResponse copyBlob(CopyObjectRequest request) {
        CopyObjectResponse answer = super.copyBlob(request);
        syncObject(request.destinationBucket(), request.destinationKey());
        return answer;
    }

    @Override
    public CompleteMultipartUploadResponse completeMultipartUpload(
            MultipartUpload upload, CompleteMultipartUploadRequest request) {
        CompleteMultipartUploadResponse answer = super.completeMultipartUpload(upload, request);
        syncObject(upload.containerName(), upload.blobName());
        return answer;
    }

    private void syncObject(String bucket, String key) {
        Path container = root.resolve(bucket);
        Path file = container.resolve(key).normalize();
        sync(file);
        for (Path folder = file.getParent();
                folder != null && folder.startsWith(container);
                folder = folder.getParent()) {
            sync(folder);
        }
    }

    /// Works for folders too: on Linux a folder opens for reading and syncs.
    static void sync(Path path) {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot sync %s".formatted(path), e);
        }
    }
}
