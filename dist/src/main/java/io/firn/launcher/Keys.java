package io.firn.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/// Generated credentials in the data folder's `keys/`: made at first start, mode 0600, synced
/// before anything relies on them (a data folder without its cluster id is lost), kept ever after.
final class Keys {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path folder;

    Keys(Path folder) {
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
    byte[] clusterKey() {
        return HexFormat.of().parseHex(kept("cluster.key", HexFormat.of().formatHex(random(32))));
    }

    /// The cluster's id: 22 characters, as Kafka writes a UUID.
    String clusterId() {
        return kept("cluster.id", org.apache.kafka.common.Uuid.randomUuid().toString());
    }

    String postgresPassword() {
        return kept("postgres.password", token(24));
    }

    String s3AccessKey() {
        return kept("s3-write.access-key", "FIRN" + token(12));
    }

    String s3SecretKey() {
        return kept("s3-write.secret-key", token(30));
    }

    String readOnlyS3AccessKey() {
        return kept("s3-read.access-key", "FIRNREAD" + token(12));
    }

    String readOnlyS3SecretKey() {
        return kept("s3-read.secret-key", token(30));
    }

    Path folder() {
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
