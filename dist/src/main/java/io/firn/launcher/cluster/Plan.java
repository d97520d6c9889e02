package io.firn.launcher.cluster;

import io.firn.launcher.folder.Keys;
import io.firn.launcher.settings.Addresses;
import io.firn.launcher.settings.Role;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Which processes a cluster consists of, and how they find each other.
///
/// @param folder where configuration, keys and data lie
/// @param host where every process listens
/// @param ports which port each listens on
record Plan(Path folder, String host, Shape shape, Ports ports, String clusterId, Keys keys) {
    private static final int FIRST_CONTROLLER = 3001;

    /// Who listens where.
    interface Ports {
        /// @param number of the role, counted from 1
        int of(Role role, int number);

        /// The same for `/prometheus` and `/health`.
        int metrics(Role role, int number);

        int postgres();

        int s3();
    }

    /// In the order in which they start: each needs only those before it.
    List<Member> members() {
        var members = new ArrayList<Member>();
        members.add(
                new Member(
                        Role.BACKENDS,
                        1,
                        Addresses.http(host, ports.s3()),
                        values(Role.BACKENDS, 1),
                        ""));
        for (int i = 1; i <= shape.controllers(); i++) {
            members.add(member(Role.CONTROLLER, i, FIRST_CONTROLLER + i - 1));
        }
        members.add(
                new Member(
                        Role.CATALOG,
                        1,
                        catalog(),
                        values(Role.CATALOG, 1),
                        catalog() + "/health"));
        for (int i = 1; i <= shape.brokers(); i++) {
            members.add(member(Role.BROKER, i, i));
        }
        for (int i = 1; i <= shape.gateways(); i++) {
            members.add(member(Role.GATEWAY, i, i));
        }
        return members;
    }

    private String catalog() {
        return Addresses.http(host, ports.of(Role.CATALOG, 1));
    }

    private Member member(Role role, int index, int number) {
        Map<String, String> values = values(role, index);
        values.put("node-id", String.valueOf(number));
        values.put("data", yaml(folder.resolve(role.label() + "-" + number)));
        values.put("metrics-port", String.valueOf(ports.metrics(role, index)));
        return new Member(
                role,
                number,
                Addresses.of(host, ports.of(role, index)),
                values,
                Addresses.http(host, ports.metrics(role, index)) + "/health");
    }

    private Map<String, String> values(Role role, int index) {
        var values = new HashMap<String, String>();
        values.put("dir", yaml(folder));
        values.put("host", host);
        values.put("port", String.valueOf(ports.of(role, index)));
        values.put("voters", voters());
        values.put("cluster-id", clusterId);
        values.put("postgres-port", String.valueOf(ports.postgres()));
        values.put("s3-port", String.valueOf(ports.s3()));
        values.put("catalog-url", catalog());
        values.put("postgres-password", keys.postgresPassword());
        values.put("access-key", keys.s3AccessKey());
        values.put("secret-key", keys.s3SecretKey());
        values.put("read-access-key", keys.readOnlyS3AccessKey());
        values.put("read-secret-key", keys.readOnlyS3SecretKey());
        return values;
    }

    private String voters() {
        return IntStream.rangeClosed(1, shape.controllers())
                .mapToObj(
                        i ->
                                "%d@%s"
                                        .formatted(
                                                FIRST_CONTROLLER + i - 1,
                                                Addresses.of(host, ports.of(Role.CONTROLLER, i))))
                .collect(Collectors.joining(","));
    }

    /// A path as it stands between the single quotes of the templates.
    private static String yaml(Path path) {
        return path.toString().replace("'", "''");
    }
}
