package io.firn.tiering.cold.release;

import io.firn.tiering.cold.PartitionKey;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/// What this broker has seen of the catalog, and must not forget when it restarts (C16): of each
/// partition the highest generation, the cold end then, and how far local copies were proven equal
/// to the table (C4). One file of lines, appended and synced before anything relies on them; a line
/// that a crash has torn is as if it had not been written. Thread safe.
public final class TierMemory implements AutoCloseable {
    private static final String HEADER = "firn cold memory 1";
    private static final int FEW_LINES = 10_000;

    /// @param generation highest one seen
    /// @param coldEnd cold end at that generation
    /// @param verified local copies below were compared with the table
    public record Seen(long generation, long coldEnd, long verified) {
        static final Seen NOTHING = new Seen(-1, 0, 0);

        /// Whether `now` cannot be what the catalog had come to when this was seen. Numbers are
        /// enough here: only who remembers this moves them (decision 13).
        public boolean wentBack(long nowGeneration, long nowColdEnd) {
            return nowGeneration < generation || nowColdEnd < coldEnd;
        }
    }

    private final Path file;
    private final Map<PartitionKey, Seen> seen = new HashMap<>();
    // Not a FileChannel: an interrupt of the watchdog's (C10) would close that for everybody.
    private FileOutputStream out;
    private int lines;
    private boolean closed;

    private TierMemory(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            Files.readAllLines(file, StandardCharsets.UTF_8).stream().skip(1).forEach(this::read);
        }
        this.out = rewrite();
    }

    public static TierMemory open(Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            return new TierMemory(file);
        } catch (IOException e) {
            throw cannot("open", file, e);
        }
    }

    public synchronized Seen seen(PartitionKey key) {
        return seen.getOrDefault(key, Seen.NOTHING);
    }

    /// Durable on return.
    public synchronized void remember(PartitionKey key, Seen now) {
        if (now.equals(seen.put(key, now))) {
            return;
        }
        append(line(key, Optional.of(now)));
    }

    /// The topic is gone for good.
    public synchronized void forget(UUID topicId) {
        for (PartitionKey key : List.copyOf(seen.keySet())) {
            if (key.topicId().equals(topicId)) {
                seen.remove(key);
                append(line(key, Optional.empty()));
            }
        }
    }

    private void append(String line) {
        if (closed) {
            return; // a step that ends after the offloader
        }
        try {
            if (lines >= FEW_LINES + 4 * seen.size()) {
                out.close();
                out = rewrite();
                return;
            }
            write(out, line);
            lines++;
        } catch (IOException e) {
            throw cannot("write", file, e);
        }
    }

    private FileOutputStream rewrite() throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        StringBuilder all = new StringBuilder(HEADER).append('\n');
        seen.forEach((key, value) -> all.append(line(key, Optional.of(value))));
        try (FileOutputStream to = new FileOutputStream(fresh.toFile())) {
            write(to, all.toString());
        }
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        lines = seen.size();
        return new FileOutputStream(file.toFile(), true);
    }

    private static void write(FileOutputStream to, String text) throws IOException {
        to.write(text.getBytes(StandardCharsets.UTF_8));
        to.getFD().sync();
    }

    private static String line(PartitionKey key, Optional<Seen> value) {
        String text =
                "%s %d %s"
                        .formatted(
                                key.topicId(),
                                key.partition(),
                                value.map(
                                                s ->
                                                        "%d %d %d"
                                                                .formatted(
                                                                        s.generation(),
                                                                        s.coldEnd(),
                                                                        s.verified()))
                                        .orElse("gone"));
        return text + " " + crc(text) + "\n";
    }

    private void read(String line) {
        int end = line.lastIndexOf(' ');
        if (end < 0 || !crc(line.substring(0, end)).equals(line.substring(end + 1))) {
            return; // torn
        }
        String[] words = line.substring(0, end).split(" ", -1);
        var key = new PartitionKey(UUID.fromString(words[0]), Integer.parseInt(words[1]));
        if (words.length == 5) {
            seen.put(
                    key,
                    new Seen(
                            Long.parseLong(words[2]),
                            Long.parseLong(words[3]),
                            Long.parseLong(words[4])));
        } else {
            seen.remove(key);
        }
    }

    private static String crc(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return "%08x".formatted(crc.getValue());
    }

    private static UncheckedIOException cannot(String what, Path file, IOException e) {
        return new UncheckedIOException(
                "Cannot %s %s, which remembers how far local copies are in the table: %s"
                        .formatted(what, file, e.getMessage()),
                e);
    }

    @Override
    public synchronized void close() {
        closed = true;
        try {
            out.close();
        } catch (IOException e) {
            throw cannot("close", file, e);
        }
    }
}
