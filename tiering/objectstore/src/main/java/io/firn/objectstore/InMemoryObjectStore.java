package io.firn.objectstore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/// A store for tests, under the same contract as the real one.
public final class InMemoryObjectStore implements ObjectStore {
    private record Stored(byte[] bytes, Instant at) {}

    private final ConcurrentSkipListMap<String, Stored> objects = new ConcurrentSkipListMap<>();

    @Override
    public PutResult putIfAbsent(ObjectKey key, Path file) {
        try {
            return putIfAbsent(key, Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot read %s to store it as %s".formatted(file, key), e);
        }
    }

    @Override
    public PutResult putIfAbsent(ObjectKey key, byte[] bytes) {
        String crc = Checksums.crc32c(bytes);
        Stored there = objects.putIfAbsent(key.name(), new Stored(bytes.clone(), Instant.now()));
        if (there != null && !Checksums.crc32c(there.bytes).equals(crc)) {
            throw new ObjectConflictException(key, Checksums.crc32c(there.bytes), crc);
        }
        return new PutResult(key, bytes.length, crc, there != null);
    }

    @Override
    public byte[] read(ObjectKey key) {
        return stored(key).bytes.clone();
    }

    @Override
    public void read(ObjectKey key, long position, ByteBuffer into) {
        byte[] bytes = stored(key).bytes;
        if (position < 0 || position + into.remaining() > bytes.length) {
            throw new IllegalArgumentException(
                    "Cannot read %d bytes at %d of %s: it has %d"
                            .formatted(into.remaining(), position, key, bytes.length));
        }
        into.put(bytes, (int) position, into.remaining());
    }

    @Override
    public Optional<ObjectInfo> head(ObjectKey key) {
        return Optional.ofNullable(objects.get(key.name()))
                .map(s -> new ObjectInfo(key, s.bytes.length, s.at, Checksums.crc32c(s.bytes)));
    }

    @Override
    public Stream<ObjectInfo> list(String prefix) {
        return objects.tailMap(prefix).entrySet().stream()
                .takeWhile(e -> e.getKey().startsWith(prefix))
                .map(e -> info(e.getKey(), e.getValue()));
    }

    @Override
    public void delete(ObjectKey key) {
        objects.remove(key.name());
    }

    @Override
    public void close() {}

    private static ObjectInfo info(String name, Stored s) {
        return new ObjectInfo(new ObjectKey(name), s.bytes.length, s.at, null);
    }

    private Stored stored(ObjectKey key) {
        Stored stored = objects.get(key.name());
        if (stored == null) {
            throw new ObjectMissingException(key, null);
        }
        return stored;
    }
}
