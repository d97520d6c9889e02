package io.firn.catalog;

import io.firn.objectstore.InMemoryObjectStore;
import io.firn.objectstore.ObjectInfo;
import io.firn.objectstore.ObjectKey;
import io.firn.objectstore.ObjectStore;
import io.firn.objectstore.PutResult;
import io.firn.objectstore.StoreUnavailableException;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// A store that refuses deletes while it is told to, as S3 does with 503, and whose reads wait.
final class FlakyStore implements ObjectStore {
    private final InMemoryObjectStore store = new InMemoryObjectStore();
    final AtomicInteger refused = new AtomicInteger();
    volatile boolean refusesDeletes;

    /// What whole reads wait for.
    volatile CountDownLatch reads = new CountDownLatch(0);

    @Override
    public void delete(ObjectKey key) {
        if (refusesDeletes) {
            refused.incrementAndGet();
            throw new StoreUnavailableException("SlowDown: deleting " + key, null);
        }
        store.delete(key);
    }

    @Override
    public PutResult putIfAbsent(ObjectKey key, Path file) {
        return store.putIfAbsent(key, file);
    }

    @Override
    public PutResult putIfAbsent(ObjectKey key, byte[] bytes) {
        return store.putIfAbsent(key, bytes);
    }

    @Override
    public byte[] read(ObjectKey key) {
        try {
            reads.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("reading " + key, e);
        }
        return store.read(key);
    }

    @Override
    public void read(ObjectKey key, long position, ByteBuffer into) {
        store.read(key, position, into);
    }

    @Override
    public Optional<ObjectInfo> head(ObjectKey key) {
        return store.head(key);
    }

    @Override
    public Stream<ObjectInfo> list(String prefix) {
        return store.list(prefix);
    }

    boolean has(String address) {
        return head(ObjectKey.ofAddress(address)).isPresent();
    }

    long count(String address) {
        return list(ObjectKey.ofAddress(address).name() + "/").count();
    }

    @Override
    public void close() {}
}
