package io.firn.broker.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// The epoch of this broker's last registration, kept beside its log. Named at the next
/// registration when the log shows that nothing was lost, it keeps the broker in its ELRs (R11,
/// R21): also after `kill -9`, since a synced log loses nothing by that.
public final class EpochFile {
    private static final long UNKNOWN = -1;

    private final Path file;

    public EpochFile(Path dataDir) {
        this.file = dataDir.resolve("broker-epoch");
    }

    /// -1 when unknown or unreadable: then the broker counts as unclean.
    public long read() {
        try {
            return Long.parseLong(Files.readString(file).trim());
        } catch (NoSuchFileException | NumberFormatException e) {
            return UNKNOWN;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }

    /// On return the epoch survives a loss of power.
    public void write(long epoch) {
        try {
            DurableFile.replace(file, epoch + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }
}
