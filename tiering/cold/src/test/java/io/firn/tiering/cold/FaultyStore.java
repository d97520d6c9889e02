package io.firn.tiering.cold;

import io.firn.objectstore.*;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// A broker's way to a store that may be away, and on which the broker may die.
public final class FaultyStore implements ObjectStore {
    final ObjectStore store;
    final Faults faults;
    public final AtomicInteger rangedGets = new AtomicInteger();
    public final AtomicInteger busyPuts = new AtomicInteger();
    public final AtomicInteger hangingPuts = new AtomicInteger();
    public final CountDownLatch hanging = new CountDownLatch(1);
    public volatile boolean away;
    public volatile long slowMillis;
    public volatile @Nullable CyclicBarrier meeting;

    public FaultyStore(ObjectStore store, Faults faults) {
        this.store = store;
        this.faults = faults;
    }

    private void before(String step) {
        faults.moment("before " + step);
        if (away) {
            throw new StoreUnavailableException("The store is away", null);
        }
    }

    @Override
    public PutResult putIfAbsent(ObjectKey key, Path file) {
        before("put");
        if (busyPuts.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            throw new StoreBusyException("Slow down", null);
        }
        if (hangingPuts.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            hang();
        }
        PutResult put = store.putIfAbsent(key, file);
        faults.moment("after put");
        return put;
    }

    @Override
    public PutResult putIfAbsent(ObjectKey key, byte[] bytes) {
        throw new UnsupportedOperationException();
    }

    /// As a socket that nobody ends, deaf to interrupts.
    private void hang() {
        while (hanging.getCount() > 0) {
            try {
                hanging.await();
            } catch (InterruptedException e) {
                // deaf
            }
        }
    }

    @Override
    public byte[] read(ObjectKey key) {
        before("read");
        return store.read(key);
    }

    @Override
    public void read(ObjectKey key, long position, ByteBuffer into) {
        before("ranged read");
        rangedGets.incrementAndGet();
        if (slowMillis > 0) {
            try {
                Thread.sleep(slowMillis);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        meet();
        store.read(key, position, into);
    }

    private void meet() {
        CyclicBarrier others = meeting;
        if (others != null) {
            try {
                others.await(20, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new IllegalStateException("Nobody else read meanwhile", e);
            }
        }
    }

    @Override
    public Optional<ObjectInfo> head(ObjectKey key) {
        before("head");
        return store.head(key);
    }

    @Override
    public Stream<ObjectInfo> list(String prefix) {
        return store.list(prefix);
    }

    @Override
    public void delete(ObjectKey key) {
        store.delete(key);
    }

    @Override
    public void close() {}
}
