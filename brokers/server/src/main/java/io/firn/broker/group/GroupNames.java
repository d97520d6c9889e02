package io.firn.broker.group;

import io.firn.protocol.TenantNames;

import org.jspecify.annotations.Nullable;

/// Names of groups and topics between tenant and cluster, with the empty group id in its two roles.
record GroupNames(TenantNames tenant) {
    /// A group with members must have a name: the empty one stays empty, so that the coordinator
    /// refuses it.
    String groupWithMembers(String outside) {
        return outside == null || outside.isEmpty() ? "" : tenant.inside(outside);
    }

    /// Offsets may be kept under the empty group id; each tenant has its own.
    String group(String outside) {
        return tenant.inside(outside);
    }

    /// The tenant's name of a group or topic; one that is not the tenant's stays as it is (`""`).
    String outside(String inside) {
        return tenant.owns(inside) ? tenant.outside(inside) : inside;
    }

    boolean owns(String inside) {
        return tenant.owns(inside);
    }

    String topic(String outside) {
        return tenant.inside(outside);
    }

    /// A message in the tenant's words: the coordinator knows the group by its inside name only.
    @Nullable String message(@Nullable String text, String insideGroup) {
        return text == null || insideGroup.isEmpty()
                ? text
                : text.replace(insideGroup, outside(insideGroup));
    }
}
