package io.firn.launcher.process;

import io.firn.objectstore.ObjectInfo;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.PutResult;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// An object store that is made at its first use: the AWS client takes most of a second to set up,
/// and no producer has to wait for that. Thread safe.
final class LazyObjectStore implements ObjectStore {
    private final Supplier<ObjectStore> maker;
    private @Nullable ObjectStore made;
    private boolean closed;

    LazyObjectStore(Supplier<ObjectStore> maker) {
        this.maker = maker;
    }

    private synchronized ObjectStore store() {
        if (closed) {
            throw new IllegalStateException("The object store is closed");
        }
        ObjectStore store = made;
        if (store == null) {
            store = maker.get();
            made = store;
        }
        return store;
    }

    @Override
    public PutResult putIfAbsent(ObjectKey key, Path file) {
        return store().putIfAbsent(key, file);
    }

    @Override
    public PutResult putIfAbsent(ObjectKey key, byte[] bytes) {
        return store().putIfAbsent(key, bytes);
    }

    @Override
    public byte[] read(ObjectKey key) {
        return store().read(key);
    }

    @Override
    public void read(ObjectKey key, long position, ByteBuffer into) {
        store().read(key, position, into);
    }

    @Override
    public Optional<ObjectInfo> head(ObjectKey key) {
        return store().head(key);
    }

    @Override
    public Stream<ObjectInfo> list(String prefix) {
        return store().list(prefix);
    }

    @Override
    public void delete(ObjectKey key) {
        store().delete(key);
    }

    @Override
    public int abortUploads(String prefix, Instant before) {
        return store().abortUploads(prefix, before);
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (made != null) {
            made.close();
        }
    }
}
