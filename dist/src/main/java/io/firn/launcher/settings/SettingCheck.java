package io.firn.launcher.settings;

import java.util.Comparator;
import java.util.Optional;

/// Looks at every name and value of a configuration before anything starts, so that a slip is one
/// line and not a half-started Firn.
final class SettingCheck {
    private static final int RING_MIN_BYTES = 8 << 20;
    private static final int RING_STEP_BYTES = 8192;

    private SettingCheck() {}

    /// @param source the file, or where else the value comes from
    /// @throws StartupException when nobody knows the name, or the value is not of its kind
    static void check(String source, String name, String value) {
        Setting setting = Setting.of(name).orElseThrow(() -> unknown(source, name));
        switch (setting.kind()) {
            case TEXT -> {}
            case FLAG -> {
                if (!value.equals("true") && !value.equals("false")) {
                    throw wrong(source, setting, value, "true or false");
                }
            }
            case PORT -> {
                // An empty one is "not set", where that has a meaning.
                if (!value.isEmpty() || setting.required()) {
                    range(source, setting, value, 0, 65_535, "a port from 0 (a free one) to 65535");
                }
            }
            case NUMBER -> range(source, setting, value, 0, Integer.MAX_VALUE, "a whole number");
            case COUNT -> range(source, setting, value, 1, Integer.MAX_VALUE, "at least 1");
            case CHOICE -> {
                if (!setting.choices().contains(value)) {
                    throw wrong(source, setting, value, String.join(" or ", setting.choices()));
                }
            }
            case RING -> {
                String allowed =
                        "a number of bytes from %d to %d, a multiple of %d"
                                .formatted(RING_MIN_BYTES, Integer.MAX_VALUE, RING_STEP_BYTES);
                range(source, setting, value, RING_MIN_BYTES, Integer.MAX_VALUE, allowed);
                if (Integer.parseInt(value) % RING_STEP_BYTES != 0) {
                    throw wrong(source, setting, value, allowed);
                }
            }
        }
    }

    private static void range(
            String source, Setting setting, String value, int min, int max, String allowed) {
        try {
            int number = Integer.parseInt(value);
            if (number >= min && number <= max) {
                return;
            }
        } catch (NumberFormatException e) {
            throw wrong(source, setting, value, allowed);
        }
        throw wrong(source, setting, value, allowed);
    }

    private static StartupException wrong(
            String source, Setting setting, String value, String allowed) {
        return new StartupException(
                "Cannot use %s: %s is '%s' and must be %s. It is %s."
                        .formatted(source, setting.key(), value, allowed, setting.meaning()));
    }

    private static StartupException unknown(String source, String name) {
        Optional<String> close =
                Setting.names().stream()
                        .min(Comparator.comparingInt(known -> distance(name, known)))
                        .filter(known -> distance(name, known) <= 1 + name.length() / 4);
        return new StartupException(
                "Cannot use %s: unknown setting %s.%s docs/operating/README.md lists them all."
                        .formatted(
                                source,
                                name,
                                close.map(" Did you mean %s?"::formatted).orElse("")));
    }

    /// Insertions, deletions and substitutions from one name to the other (Levenshtein).
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
