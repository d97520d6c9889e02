package io.firn.broker.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.firn.broker.cold.ColdTier;
import io.firn.controller.image.ClusterImage;

import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/// Topics whose deletion this broker has seen, kept beside its log until the catalog has heard
/// (C14): their logs go at once, so after a stop nobody else would know that their tables go too.
/// Those that it has heard are kept for a month as well and told again at each start: a catalog
/// whose database was put back from a copy has forgotten them. Only what is not in the image is
/// told, so a topic that came back with older metadata keeps its table (L14).
///
/// A file of lines, appended and synced; one that a crash has torn is as if it had not been
/// written. Thread safe.
public final class DeletedTopics {
    private static final Logger LOG = LoggerFactory.getLogger(DeletedTopics.class);
    private static final String HEADER = "firn deleted topics 1";
    private static final Duration TOLD_AGAIN = Duration.ofDays(30);

    /// More of them are not told again once they were heard.
    private static final int MOST_HEARD = 10_000;

    /// @param name inside name
    /// @param keepTable what the topic said of its table
    /// @param heard whether the catalog knows
    record Deleted(Uuid id, String name, boolean keepTable, long atMillis, boolean heard) {
        private Deleted whenHeard() {
            return new Deleted(id, name, keepTable, atMillis, true);
        }

        private String line() {
            String text =
                    "%s %s %s %d %s"
                            .formatted(
                                    id,
                                    name,
                                    keepTable ? "keep" : "drop",
                                    atMillis,
                                    heard ? "heard" : "untold");
            return text + " " + crc(text) + "\n";
        }
    }

    private final Path file;
    private final Map<Uuid, Deleted> all = new LinkedHashMap<>();

    /// @throws UncheckedIOException when the file cannot be read or written
    public static DeletedTopics open(Path file) {
        try {
            return new DeletedTopics(file, System.currentTimeMillis());
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot use %s, which remembers deletions that the catalog has not heard of: %s"
                            .formatted(file, e),
                    e);
        }
    }

    DeletedTopics(Path file, long now) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            Files.readAllLines(file, UTF_8).stream().skip(1).forEach(this::read);
        }
        all.values().removeIf(one -> one.heard() && now - one.atMillis() > TOLD_AGAIN.toMillis());
        long over = all.values().stream().filter(Deleted::heard).count() - MOST_HEARD;
        Iterator<Deleted> oldest = all.values().iterator();
        while (over > 0 && oldest.hasNext()) {
            if (oldest.next().heard()) {
                oldest.remove();
                over--;
            }
        }
        DurableFile.replace(file, HEADER + "\n" + lines(all.values()));
    }

    /// Remembers what was deleted, then tells the catalog in its own time; durable on return, so
    /// that logs may go.
    void deleted(Collection<Deleted> topics, ColdTier cold) {
        if (topics.isEmpty()) {
            return;
        }
        synchronized (this) {
            topics.forEach(one -> all.put(one.id(), one));
            append(topics);
        }
        topics.forEach(one -> tell(one, cold));
    }

    /// Tells, one after the other, what the catalog has not heard or may have forgotten.
    void tellAgain(ClusterImage image, ColdTier cold, Executor executor) {
        List<Deleted> gone;
        synchronized (this) {
            all.keySet().removeIf(id -> image.topicName(id) != null);
            gone = List.copyOf(all.values());
        }
        tellNext(gone.iterator(), cold, executor);
    }

    private void tellNext(Iterator<Deleted> rest, ColdTier cold, Executor executor) {
        if (rest.hasNext()) {
            Deleted next = rest.next();
            var unused =
                    cold.dropTopic(next.name(), next.id(), next.keepTable())
                            .thenRunAsync(
                                    () -> {
                                        heard(next);
                                        tellNext(rest, cold, executor);
                                    },
                                    executor);
        }
    }

    private void tell(Deleted topic, ColdTier cold) {
        var unused =
                cold.dropTopic(topic.name(), topic.id(), topic.keepTable())
                        .thenRun(() -> heard(topic));
    }

    private synchronized void heard(Deleted topic) {
        if (!topic.heard() && all.containsKey(topic.id())) {
            all.put(topic.id(), topic.whenHeard());
            append(List.of(topic.whenHeard()));
        }
    }

    /// Without the file the catalog is told all the same, if the broker does not stop before.
    private void append(Collection<Deleted> topics) {
        try {
            DurableFile.append(file, lines(topics));
        } catch (IOException e) {
            LOG.error("Cannot write {}; a deletion may have to be told again", file, e);
        }
    }

    private static String lines(Collection<Deleted> topics) {
        return topics.stream().map(Deleted::line).collect(Collectors.joining());
    }

    private void read(String line) {
        int end = line.lastIndexOf(' ');
        if (end < 0 || !crc(line.substring(0, end)).equals(line.substring(end + 1))) {
            return; // torn
        }
        String[] words = line.substring(0, end).split(" ", -1);
        Uuid id = Uuid.fromString(words[0]);
        all.put(
                id,
                new Deleted(
                        id,
                        words[1],
                        words[2].equals("keep"),
                        Long.parseLong(words[3]),
                        words[4].equals("heard")));
    }

    private static String crc(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(UTF_8));
        return "%08x".formatted(crc.getValue());
    }
}
