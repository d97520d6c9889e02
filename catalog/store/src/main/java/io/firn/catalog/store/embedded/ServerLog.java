package io.firn.catalog.store.embedded;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What the programs of PostgreSQL say, in a file that begins anew with each start of Firn.
record ServerLog(Path file) {
    /// Of a start that failed, at most this much is quoted.
    private static final int QUOTED_LINES = 3;

    private static final int MOST_READ_BYTES = 64 * 1024;

    /// What follows the time and the process id; pg_ctl only repeats that the server ended.
    private static final Pattern MESSAGE =
            Pattern.compile("((LOG|FATAL|PANIC|HINT|initdb):|pg_ctl: (?!could not|another)).*");

    void begin() throws IOException {
        Files.write(file, new byte[0]);
    }

    ProcessBuilder.Redirect redirect() {
        return ProcessBuilder.Redirect.appendTo(file.toFile());
    }

    private byte[] end() throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long bytes = in.length();
            byte[] end = new byte[(int) Math.min(bytes, MOST_READ_BYTES)];
            in.seek(bytes - end.length);
            in.readFully(end);
            return end;
        }
    }

    /// The last that they said, in one line.
    String last() {
        List<String> messages;
        try {
            messages =
                    new String(end(), StandardCharsets.UTF_8)
                            .lines()
                            .map(MESSAGE::matcher)
                            .filter(Matcher::find)
                            .map(Matcher::group)
                            .toList();
        } catch (IOException e) {
            messages = List.of();
        }
        if (messages.isEmpty()) {
            return "See %s.".formatted(file);
        }
        return messages.stream()
                .skip(Math.max(0, messages.size() - QUOTED_LINES))
                .collect(Collectors.joining("; ", "It said: ", "."));
    }
}
