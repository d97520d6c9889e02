package io.firn.launcher.settings;

import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What `firn.yaml` says, by dotted name. Nested mappings are joined by dots, so `s3: {bucket:
/// lake}` and `s3.bucket: lake` mean the same. A name that nobody knows is an error, not a surprise
/// later.
public final class Settings {
    private final String source;
    private final Map<String, String> values;

    private Settings(String source, Map<String, String> values) {
        this.source = source;
        this.values = values;
    }

    public static Settings empty() {
        return new Settings("(no configuration file)", new LinkedHashMap<>());
    }

    /// @throws StartupException when the file is missing, not YAML, or names a setting that is not
    ///     in [Setting]
    public static Settings read(Path file) {
        try {
            var options = new LoaderOptions();
            options.setAllowDuplicateKeys(false);
            Object root = new Yaml(new SafeConstructor(options)).load(Files.readString(file));
            Map<String, String> values = new LinkedHashMap<>();
            if (root instanceof Map<?, ?> map) {
                flatten(file, "", map, values);
            } else if (root != null) {
                throw new StartupException(
                        "Cannot read %s: it must be a mapping of settings, such as 'kafka-port: 9092'."
                                .formatted(file));
            }
            values.forEach((name, value) -> SettingCheck.check(file.toString(), name, value));
            return new Settings(file.toString(), values);
        } catch (NoSuchFileException e) {
            throw new StartupException(
                    "Cannot read configuration file %s: there is no such file.".formatted(file), e);
        } catch (IOException e) {
            throw new StartupException(
                    "Cannot read configuration file %s: %s.".formatted(file, e), e);
        } catch (MarkedYAMLException e) {
            throw new StartupException(
                    "Cannot read configuration file %s: it is not YAML at line %d, column %d: %s."
                            .formatted(
                                    file,
                                    e.getProblemMark().getLine() + 1,
                                    e.getProblemMark().getColumn() + 1,
                                    e.getProblem()),
                    e);
        } catch (YAMLException e) {
            throw new StartupException(
                    "Cannot read configuration file %s: it is not YAML: %s."
                            .formatted(
                                    file,
                                    String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
                    e);
        }
    }

    /// A value from the command line goes before the file's.
    public Settings with(Setting setting, String value) {
        SettingCheck.check("the command line", setting.key(), value);
        var more = new LinkedHashMap<>(values);
        more.put(setting.key(), value);
        return new Settings(source, more);
    }

    /// D7: nobody may believe in a setting that is not read.
    ///
    /// @throws StartupException names the first one that this role does not read, and who does
    public Settings requireReadBy(Role role) {
        for (String name : values.keySet()) {
            Setting setting = Setting.of(name).orElseThrow();
            if (!role.settings().contains(setting)) {
                throw new StartupException(
                        "Cannot use %s: a %s process does not read %s, it is of %s. Remove the setting."
                                .formatted(
                                        source,
                                        role.label(),
                                        name,
                                        String.join(", ", Role.readersOf(setting))));
            }
        }
        return this;
    }

    public Optional<String> find(Setting setting) {
        return Optional.ofNullable(values.get(setting.key()));
    }

    public String text(Setting setting) {
        String value = values.getOrDefault(setting.key(), setting.fallback());
        if (value.isEmpty() && setting.required()) {
            throw new StartupException(
                    "Cannot start: the setting %s is missing in %s. It is %s."
                            .formatted(setting.key(), source, setting.meaning()));
        }
        return value;
    }

    /// A number or a port, whose range was checked when it was read.
    public int number(Setting setting) {
        return Integer.parseInt(text(setting));
    }

    /// @return 0 to 65535; 0 is a free one
    public int port(Setting setting) {
        return number(setting);
    }

    /// The key of a tenant (DESIGN §13).
    public String tenant(Setting setting) {
        String key = text(setting);
        if (!key.matches("[a-z][a-z0-9-]{0,39}")) {
            throw new StartupException(
                    "Cannot start: %s is '%s' and must be a tenant's key: a lower case letter, then up to 39 of a-z, 0-9 and -."
                            .formatted(setting.key(), key));
        }
        return key;
    }

    public boolean flag(Setting setting) {
        return text(setting).equals("true");
    }

    private static void flatten(Path file, String prefix, Map<?, ?> map, Map<String, String> out) {
        map.forEach(
                (key, value) -> {
                    String name = prefix + key;
                    if (value instanceof Map<?, ?> nested) {
                        flatten(file, name + ".", nested, out);
                    } else if (value instanceof Collection<?>) {
                        throw new StartupException(
                                "Cannot use %s: %s is a list and must be one value."
                                        .formatted(file, name));
                    } else if (value != null) {
                        out.put(name, String.valueOf(value));
                    }
                });
    }
}
