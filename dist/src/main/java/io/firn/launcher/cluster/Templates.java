package io.firn.launcher.cluster;

import io.firn.launcher.settings.Role;
import io.firn.launcher.settings.StartupException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// The `firn.yaml` of each role, with places to fill.
final class Templates {
    private Templates() {}

    /// @param values by placeholder, without its braces
    static String filled(Role role, Map<String, String> values) {
        String text = text("/init/" + role.label() + ".yaml");
        for (var value : values.entrySet()) {
            text = text.replace("{" + value.getKey() + "}", value.getValue());
        }
        return text;
    }

    private static String text(String resource) {
        try (InputStream in = Templates.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("it is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new StartupException(
                    "Cannot read %s of this distribution (%s): install it again."
                            .formatted(resource, e.getMessage()),
                    e);
        }
    }
}
