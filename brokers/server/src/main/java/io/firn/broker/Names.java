package io.firn.broker;

import io.firn.protocol.TenantNames;

import org.apache.kafka.common.internals.Topic;
import org.jspecify.annotations.Nullable;

/// The names of one tenant on their way to the controller and back.
public final class Names {
    /// Kafka's bound, which counts the tenant's prefix too (DESIGN 13).
    private static final int LONGEST = 249;

    private final TenantNames names;
    private final int prefixLength;
    private final String prefix;

    public Names(TenantNames names) {
        this.names = names;
        this.prefix = names.inside("");
        this.prefixLength = prefix.length();
    }

    public String inside(String outsideName) {
        return names.inside(outsideName);
    }

    public String outside(String insideName) {
        return names.outside(insideName);
    }

    public boolean owns(@Nullable String insideName) {
        return insideName != null && names.owns(insideName);
    }

    /// Why the tenant cannot have a topic of this name, in the tenant's own words; null when it
    /// can.
    public @Nullable String refusal(String outsideName) {
        if (outsideName.length() + prefixLength > LONGEST) {
            return "Cannot create topic '%s': its name has %d characters, at most %d are allowed"
                    .formatted(outsideName, outsideName.length(), LONGEST - prefixLength);
        }
        String[] why = new String[1];
        // Checked without the prefix, so that '.', '..' and the empty name stay refused.
        Topic.validate(outsideName, "Topic name", reason -> why[0] = reason);
        return why[0];
    }

    /// A message of the controller in the tenant's own names.
    public @Nullable String inOwnWords(@Nullable String message) {
        return message == null ? null : message.replace(prefix, "");
    }
}
