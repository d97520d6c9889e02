package io.firn.launcher;

import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// What `firn.yaml` says, by dotted name. Nested mappings are joined by dots, so `s3: {bucket:
/// lake}` and `s3.bucket: lake` mean the same. A name that nobody knows is an error, not a surprise
/// later.
final class Settings {
    private final String source;
    private final Map<String, String> values;

    private Settings(String source, Map<String, String> values) {
        this.source = source;
        this.values = values;
    }

    static Settings empty() {
        return new Settings("(no configuration file)", new LinkedHashMap<>());
    }

    /// @throws StartupException when the file is missing, not YAML, or names a setting that is not
    ///     in [Setting]
    static Settings read(Path file) {
        try {
            Object root =
                    new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
            Map<String, String> values = new LinkedHashMap<>();
            if (root instanceof Map<?, ?> map) {
                flatten("", map, values);
            } else if (root != null) {
                throw new StartupException(
                        "Cannot read %s: it must be a mapping of settings, such as 'kafka-port: 9092'."
                                .formatted(file));
            }
            var unknown = new TreeSet<>(values.keySet());
            unknown.removeIf(Setting::isKnown);
            if (!unknown.isEmpty()) {
                throw new StartupException(
                        "Cannot use %s: unknown setting %s. Known settings: %s."
                                .formatted(
                                        file,
                                        String.join(", ", unknown),
                                        String.join(", ", Setting.names())));
            }
            return new Settings(file.toString(), values);
        } catch (IOException e) {
            throw new StartupException(
                    "Cannot read configuration file %s: %s".formatted(file, e), e);
        } catch (YAMLException e) {
            throw new StartupException(
                    "Cannot read configuration file %s: %s"
                            .formatted(file, e.toString().lines().findFirst().orElse("not YAML")),
                    e);
        }
    }

    /// A value from the command line goes before the file's.
    Settings with(Setting setting, String value) {
        var more = new LinkedHashMap<>(values);
        more.put(setting.key(), value);
        return new Settings(source, more);
    }

    Optional<String> find(Setting setting) {
        return Optional.ofNullable(values.get(setting.key()));
    }

    String text(Setting setting) {
        String value = values.getOrDefault(setting.key(), setting.fallback());
        if (value.isEmpty() && setting.required()) {
            throw new StartupException(
                    "Cannot start: the setting %s is missing in %s. It is %s."
                            .formatted(setting.key(), source, setting.meaning()));
        }
        return value;
    }

    int number(Setting setting) {
        String value = text(setting);
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new StartupException(
                    "Cannot start: %s is '%s' and must be a whole number (%s)."
                            .formatted(setting.key(), value, setting.meaning()));
        }
    }

    int port(Setting setting) {
        int port = number(setting);
        if (port < 0 || port > 65_535) {
            throw new StartupException(
                    "Cannot start: %s is %d and must be a port from 0 (a free one) to 65535."
                            .formatted(setting.key(), port));
        }
        return port;
    }

    /// The key of a tenant (DESIGN §13).
    String tenant(Setting setting) {
        String key = text(setting);
        if (!key.matches("[a-z][a-z0-9-]{0,39}")) {
            throw new StartupException(
                    "Cannot start: %s is '%s' and must be a tenant's key: a lower case letter, then up to 39 of a-z, 0-9 and -."
                            .formatted(setting.key(), key));
        }
        return key;
    }

    boolean flag(Setting setting) {
        String value = text(setting);
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default ->
                    throw new StartupException(
                            "Cannot start: %s is '%s' and must be true or false."
                                    .formatted(setting.key(), value));
        };
    }

    private static void flatten(String prefix, Map<?, ?> map, Map<String, String> out) {
        map.forEach(
                (key, value) -> {
                    String name = prefix + key;
                    if (value instanceof Map<?, ?> nested) {
                        flatten(name + ".", nested, out);
                    } else if (value != null) {
                        out.put(name, String.valueOf(value));
                    }
                });
    }
}
