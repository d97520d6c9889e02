package io.firn.protocol;

/// Maps names of topics, groups and transactional ids between a tenant and the cluster:
/// `<tenant>.<name>` inside, `<name>` outside. Internal topics (`__consumer_offsets`, ...) have no
/// tenant and are never visible outside.
public final class TenantNames {
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
}
