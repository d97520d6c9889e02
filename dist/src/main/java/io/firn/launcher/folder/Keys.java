package io.firn.launcher.folder;

import io.firn.launcher.settings.StartupException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/// Generated credentials in the data folder's `keys/`: made at first start, mode 0600, synced
/// before anything relies on them (a data folder without its cluster id is lost), kept ever after.
public final class Keys {
    private static final SecureRandom RANDOM = new SecureRandom();

    private static final String CLUSTER_KEY = "cluster.key";
    private static final String CLUSTER_ID = "cluster.id";

    private final Path folder;

    /// Those of a folder with a whole cluster in it, whose id and key are there before anything
    /// that bears them.
    ///
    /// @throws StartupException when they are missing beside data that they are the keys of;
    ///     nothing has been written then
    public static Keys ofCluster(DataFolder data) {
        Path folder = data.path("keys");
        List<String> missing =
                Stream.of(CLUSTER_ID, CLUSTER_KEY)
                        .filter(name -> !Files.exists(folder.resolve(name)))
                        .toList();
        List<String> bearers =
                Stream.of("raft", "log").filter(name -> Files.exists(data.path(name))).toList();
        if (!missing.isEmpty() && !bearers.isEmpty()) {
            throw new StartupException(
                    "Cannot start on data folder %s: its keys/ has no %s, and %s there belong to the cluster of these keys. Put keys/ back from a copy of the folder, or choose another folder with --data."
                            .formatted(
                                    data.root(),
                                    String.join(" and no ", missing),
                                    String.join("/ and ", bearers) + "/"));
        }
        Keys keys = new Keys(folder);
        keys.clusterId();
        keys.clusterKey();
        return keys;
    }

    public Keys(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new StartupException(
                    "Cannot create the key folder %s: %s".formatted(folder, e), e);
        }
    }

    /// The key that proves a process is a member of this cluster (G6).
    public byte[] clusterKey() {
        return HexFormat.of().parseHex(kept(CLUSTER_KEY, HexFormat.of().formatHex(random(32))));
    }

    /// The cluster's id: 22 characters, as Kafka writes a UUID.
    public String clusterId() {
        return kept(CLUSTER_ID, org.apache.kafka.common.Uuid.randomUuid().toString());
    }

    public String postgresPassword() {
        return kept("postgres.password", token(24));
    }

    public String s3AccessKey() {
        return kept("s3-write.access-key", "FIRN" + token(12));
    }

    public String s3SecretKey() {
        return kept("s3-write.secret-key", token(30));
    }

    public String readOnlyS3AccessKey() {
        return kept("s3-read.access-key", "FIRNREAD" + token(12));
    }

    public String readOnlyS3SecretKey() {
        return kept("s3-read.secret-key", token(30));
    }

    public Path folder() {
        return folder;
    }

    private String kept(String name, String fresh) {
        Path file = folder.resolve(name);
        try {
            if (!Files.exists(file)) {
                Path temporary = folder.resolve(name + ".new");
                Files.deleteIfExists(temporary);
                Files.createFile(
                        temporary,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
                Files.writeString(temporary, fresh + "\n");
                Synced.sync(temporary);
                Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
                Synced.sync(folder);
            }
            String text = Files.readString(file).strip();
            if (text.isEmpty()) {
                throw new StartupException(
                        "Cannot read the key %s: the file is empty. Restore it, or delete it when this folder holds no data yet."
                                .formatted(file));
            }
            return text;
        } catch (IOException e) {
            throw new StartupException("Cannot read or write the key %s: %s".formatted(file, e), e);
        }
    }

    private static String token(int bytes) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(random(bytes))
                .replace('-', 'x')
                .replace('_', 'y');
    }

    private static byte[] random(int bytes) {
        byte[] out = new byte[bytes];
        RANDOM.nextBytes(out);
        return out;
    }
}
