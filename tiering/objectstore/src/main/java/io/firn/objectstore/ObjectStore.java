package io.firn.objectstore;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/// One bucket. Objects are created once and never changed. Calls block, so callers use virtual
/// threads behind permits; all methods are thread safe and throw {@link ObjectStoreException}.
public interface ObjectStore extends AutoCloseable {
    /// Writes `file` under a name that nothing has yet; durable when this returns. The same bytes
    /// under the same name are adopted, other bytes throw {@link ObjectConflictException}.
    PutResult putIfAbsent(ObjectKey key, Path file);

    /// As the other one, from memory.
    PutResult putIfAbsent(ObjectKey key, byte[] bytes);

    /// The whole object.
    byte[] read(ObjectKey key);

    /// Fills the buffer with the bytes from `position` on: one ranged GET. When that fails, bytes
    /// may still come into the buffer afterwards: it must not be used for anything else.
    void read(ObjectKey key, long position, ByteBuffer into);

    /// What is there, asked of the store itself.
    Optional<ObjectInfo> head(ObjectKey key);

    /// Objects whose name begins with `prefix`, in no promised order, page by page while the stream
    /// is consumed. A listing is a hint (C6): it may lag behind.
    Stream<ObjectInfo> list(String prefix);

    /// Deletes the object; one that is not there counts as deleted.
    void delete(ObjectKey key);

    /// Gives up multipart uploads that others began before `before` and never ended (C6).
    ///
    /// @return how many
    default int abortUploads(String prefix, Instant before) {
        return 0;
    }

    @Override
    void close();
}
