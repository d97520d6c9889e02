package io.firn.protocol;

import org.apache.kafka.common.internals.Topic;
import org.jspecify.annotations.Nullable;

/// Maps names of topics, groups and transactional ids between a tenant and the cluster:
/// `<tenant>.<name>` inside, `<name>` outside. Internal topics (`__consumer_offsets`, ...) have no
/// tenant and are never visible outside.
public final class TenantNames {
    /// Kafka's bound, which counts the tenant's prefix too (DESIGN 13).
    private static final int LONGEST_TOPIC = 249;

    private final String prefix;

    public TenantNames(String tenant) {
        this.prefix = tenant + ".";
    }

    /// The name inside the cluster of what this tenant calls `outsideName`.
    public String inside(String outsideName) {
        return prefix + outsideName;
    }

    /// What this tenant calls `insideName`, which must be its own.
    public String outside(String insideName) {
        if (!owns(insideName)) {
            throw new IllegalArgumentException(
                    "Name '%s' does not belong to tenant '%s'"
                            .formatted(insideName, prefix.substring(0, prefix.length() - 1)));
        }
        return insideName.substring(prefix.length());
    }

    /// A tenant key has no dot, so the first dot of an inside name ends the tenant.
    public boolean owns(String insideName) {
        return insideName.startsWith(prefix);
    }

    /// Why the tenant cannot have a topic of this name, in the tenant's own words; null when it
    /// can.
    public @Nullable String topicRefusal(String outsideName) {
        if (outsideName.length() + prefix.length() > LONGEST_TOPIC) {
            return "Cannot create topic '%s': its name has %d characters, at most %d are allowed"
                    .formatted(outsideName, outsideName.length(), LONGEST_TOPIC - prefix.length());
        }
        String[] why = new String[1];
        // Checked without the prefix, so that '.', '..' and the empty name stay refused.
        Topic.validate(outsideName, "Topic name", reason -> why[0] = reason);
        return why[0];
    }

    /// A message about the cluster's names in the tenant's own.
    public @Nullable String inOwnWords(@Nullable String message) {
        return message == null ? null : message.replace(prefix, "");
    }
}
