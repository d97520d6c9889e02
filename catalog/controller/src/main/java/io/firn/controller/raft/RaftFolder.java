package io.firn.controller.raft;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.metadata.properties.MetaProperties;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.metadata.properties.MetaPropertiesVersion;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;

/// A folder with a copy of the metadata log: locked by one process, and marked with the cluster and
/// the node that it belongs to.
public final class RaftFolder implements AutoCloseable {
    /// Features that are finalized at the first start (DESIGN 13: those whose APIs work).
    static final Map<String, Short> FEATURES =
            Map.of(
                    Feature.GROUP_VERSION.featureName(), (short) 1,
                    Feature.ELIGIBLE_LEADER_REPLICAS_VERSION.featureName(), (short) 1,
                    Feature.TRANSACTION_VERSION.featureName(), (short) 0,
                    Feature.SHARE_VERSION.featureName(), (short) 0,
                    Feature.STREAMS_VERSION.featureName(), (short) 0);

    private final Path dir;
    private final FileChannel lockFile;
    private final FileLock lock;

    private RaftFolder(Path dir, FileChannel lockFile, FileLock lock) {
        this.dir = dir;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /// Creates the folder if needed.
    ///
    /// @throws IllegalStateException if another process uses it
    public static RaftFolder lock(Path dir) {
        try {
            Files.createDirectories(dir);
            FileChannel file =
                    FileChannel.open(
                            dir.resolve(".lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            FileLock lock = tryLock(file);
            if (lock == null) {
                file.close();
                throw new IllegalStateException(
                        "Cannot use %s: another process holds it. Stop that one, or choose another folder."
                                .formatted(dir));
            }
            return new RaftFolder(dir, file, lock);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot open the metadata folder %s: %s".formatted(dir, e.getMessage()), e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    Path dir() {
        return dir;
    }

    /// Whom the folder belongs to, empty before it is formatted.
    Optional<MetaProperties> properties() {
        try {
            requireWhole(dir.resolve("meta.properties"));
            return Optional.ofNullable(
                    new MetaPropertiesEnsemble.Loader()
                            .addMetadataLogDir(dir.toString())
                            .load()
                            .logDirProps()
                            .get(dir.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot read %s: %s".formatted(dir.resolve("meta.properties"), e.getMessage()),
                    e);
        }
    }

    /// A damaged file must look neither like none nor like another cluster's.
    private static void requireWhole(Path file) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        byte[] text = Files.readAllBytes(file);
        if (!isWhole(text)) {
            throw new IllegalStateException(
                    "Cannot use %s: the file is damaged, its %d bytes do not end in a line or lack cluster.id, node.id, directory.id or version. Restore it from a copy; a folder that only follows may be deleted whole, it fills again."
                            .formatted(file, text.length));
        }
    }

    /// Whether it has its last line to the end and all that every node writes.
    private static boolean isWhole(byte[] text) throws IOException {
        Properties found = new Properties();
        try {
            found.load(new ByteArrayInputStream(text));
            Uuid.fromString(found.getProperty("directory.id", ""));
            Integer.parseInt(found.getProperty("node.id", ""));
        } catch (IllegalArgumentException e) {
            return false;
        }
        return text[text.length - 1] == '\n'
                && found.containsKey("cluster.id")
                && found.containsKey("version");
    }

    /// The folder's properties, which it gets now if it has none. A crash in between formats again.
    ///
    /// @param clusterId empty: whatever the folder says, or a new one
    public MetaProperties formatted(int nodeId, String clusterId) {
        Optional<MetaProperties> found = properties();
        if (found.isEmpty()) {
            format(nodeId, clusterId.isEmpty() ? Uuid.randomUuid().toString() : clusterId);
            found = properties();
        }
        MetaProperties properties = found.orElseThrow();
        check(properties, nodeId, clusterId);
        return properties;
    }

    /// Like [#formatted] for a node that only follows: the folder gets ids, but nothing to begin
    /// the log with.
    ///
    /// @param clusterId empty: whatever the folder says
    /// @param ask who knows the cluster id when neither caller nor folder does
    public MetaProperties marked(int nodeId, String clusterId, Supplier<String> ask) {
        Optional<MetaProperties> found = properties();
        if (found.isEmpty()) {
            mark(nodeId, clusterId.isEmpty() ? ask.get() : clusterId);
            found = properties();
        }
        MetaProperties properties = found.orElseThrow();
        check(properties, nodeId, clusterId);
        return properties;
    }

    private void mark(int nodeId, String clusterId) {
        try {
            MetaPropertiesEnsemble.Copier copier =
                    new MetaPropertiesEnsemble.Copier(
                            new MetaPropertiesEnsemble.Loader()
                                    .addMetadataLogDir(dir.toString())
                                    .load());
            copier.setLogDirProps(
                    dir.toString(),
                    new MetaProperties.Builder()
                            .setVersion(MetaPropertiesVersion.V1)
                            .setClusterId(clusterId)
                            .setNodeId(nodeId)
                            .setDirectoryId(copier.generateValidDirectoryId())
                            .build());
            copier.writeLogDirChanges();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot write %s: %s".formatted(dir.resolve("meta.properties"), e.getMessage()),
                    e);
        }
    }

    private void check(MetaProperties properties, int nodeId, String clusterId) {
        String owner = properties.clusterId().orElse("");
        if (!clusterId.isEmpty() && !clusterId.equals(owner)) {
            throw new IllegalStateException(
                    "Cannot use %s: it belongs to cluster %s, not %s. Choose another folder, or the right cluster."
                            .formatted(dir, owner, clusterId));
        }
        if (properties.nodeId().orElse(nodeId) != nodeId) {
            throw new IllegalStateException(
                    "Cannot use %s: it belongs to node %d, not %d. Choose another folder, or the right node id."
                            .formatted(dir, properties.nodeId().getAsInt(), nodeId));
        }
    }

    private void format(int nodeId, String clusterId) {
        Formatter formatter =
                new Formatter()
                        .setPrintStream(
                                new PrintStream(
                                        OutputStream.nullOutputStream(),
                                        false,
                                        StandardCharsets.UTF_8))
                        .setNodeId(nodeId)
                        .setClusterId(clusterId)
                        .setDirectories(List.of(dir.toString()))
                        .setMetadataLogDirectory(dir.toString())
                        .setReleaseVersion(MetadataVersion.latestProduction())
                        .setControllerListenerName(RaftNode.LISTENER.value())
                        .setHasDynamicQuorum(false);
        FEATURES.forEach(formatter::setFeatureLevel);
        try {
            formatter.run();
        } catch (Exception e) {
            throw new IllegalStateException(
                    "Cannot format the metadata folder %s for node %d: %s"
                            .formatted(dir, nodeId, e.getMessage()),
                    e);
        }
    }

    @Override
    public void close() {
        try (FileChannel file = lockFile) {
            lock.release();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot release the lock of " + dir, e);
        }
    }
}
