package io.firn.launcher.cluster;

import io.firn.launcher.settings.Role;

import java.util.Map;

/// One process of a cluster: what it is and what its `firn.yaml` says.
///
/// @param number of its role: the node id of a controller or broker, else counted from 1
/// @param address where others reach it
/// @param values what the template of its role leaves open, by placeholder
/// @param healthUrl where it says how it is; empty when it has no such address
record Member(Role role, int number, String address, Map<String, String> values, String healthUrl) {
    /// As people and commands name it, such as `broker-2`.
    String id() {
        return role.label() + "-" + number;
    }

    /// The text of its `firn.yaml`.
    String config() {
        return Templates.filled(role, values);
    }
}
