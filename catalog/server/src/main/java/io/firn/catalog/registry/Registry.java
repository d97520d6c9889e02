package io.firn.catalog.registry;

import io.firn.catalog.client.SchemaText;
import io.firn.catalog.store.SchemaStore;
import io.firn.catalog.store.SchemaStore.NewSchema;
import io.firn.catalog.store.SchemaStore.Version;

import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// Schemas, subjects and versions of one tenant. Avro for now; the other types are refused.
public final class Registry {
    private static final String TENANT = "public";
    private static final int MOST_TOLD = 1_000; // characters of a schema in an error

    private final Supplier<SchemaStore> store;
    private final Map<Integer, SchemaText> byId = new ConcurrentHashMap<>(); // ids never change

    public Registry(Supplier<SchemaStore> store) {
        this.store = store;
    }

    /// A schema as a client sends it.
    ///
    /// @param schemaType null means `AVRO`
    public record Submitted(
            @Nullable String schema,
            @Nullable String schemaType,
            @Nullable List<Object> references) {}

    public Optional<SchemaText> schema(int id) {
        SchemaText known = byId.get(id);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<SchemaText> found =
                store.get()
                        .byId(id)
                        .map(s -> new SchemaText(s.id(), s.type(), s.text(), List.of()));
        found.ifPresent(s -> byId.put(id, s));
        return found;
    }

    /// @throws RegistryException 42201 not a schema, 409 not compatible
    public int register(String subject, Submitted submitted) {
        Schema schema = parse(submitted);
        requireName(subject);
        NewSchema canonical = canonical(schema);
        Optional<Version> known = store.get().lookup(TENANT, subject, canonical);
        if (known.isPresent()) {
            return known.get().schema().id();
        }
        List<String> complaints = complaints(subject, schema, versions(subject));
        if (!complaints.isEmpty()) {
            throw new RegistryException(
                    409,
                    "Schema being registered is incompatible with an earlier schema for subject \"%s\", details: %s, compatibility: %s"
                            .formatted(subject, complaints, compatibility(subject)));
        }
        return store.get().register(TENANT, subject, canonical);
    }

    /// @throws RegistryException 40401 no such subject, 40403 not in this subject
    public Version lookup(String subject, Submitted submitted) {
        NewSchema schema = canonical(parse(submitted));
        requireVersions(subject);
        return store.get()
                .lookup(TENANT, subject, schema)
                .orElseThrow(() -> new RegistryException(40403, "Schema not found"));
    }

    public List<String> subjects() {
        return store.get().subjects(TENANT);
    }

    private List<Version> versions(String subject) {
        requireName(subject);
        return store.get().versions(TENANT, subject);
    }

    /// Ascending, never empty.
    public List<Version> requireVersions(String subject) {
        List<Version> versions = versions(subject);
        if (versions.isEmpty()) {
            throw new RegistryException(40401, "Subject '%s' not found.".formatted(subject));
        }
        return versions;
    }

    /// @param version a number, `latest` or -1
    public Version version(String subject, String version) {
        List<Version> versions = requireVersions(subject);
        if (version.equals("latest") || version.equals("-1")) {
            return versions.getLast();
        }
        int number;
        try {
            number = Integer.parseInt(version);
        } catch (NumberFormatException e) {
            number = 0;
        }
        if (number < 1) {
            throw new RegistryException(
                    42202,
                    "The specified version '%s' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\""
                            .formatted(version));
        }
        int wanted = number;
        return versions.stream()
                .filter(v -> v.version() == wanted)
                .findFirst()
                .orElseThrow(
                        () ->
                                new RegistryException(
                                        40402, "Version %d not found.".formatted(wanted)));
    }

    /// The level that holds for a subject; the empty subject is the default of all.
    public String compatibility(String subject) {
        return store.get()
                .compatibility(TENANT, subject)
                .or(() -> store.get().compatibility(TENANT, ""))
                .orElse(Compatibility.BACKWARD.name());
    }

    public boolean hasOwnCompatibility(String subject) {
        return store.get().compatibility(TENANT, subject).isPresent();
    }

    public String setCompatibility(String subject, String level) {
        String valid = Compatibility.of(level).name();
        requireName(subject);
        store.get().setCompatibility(TENANT, subject, valid);
        return valid;
    }

    /// Why a schema may not follow a subject's version; empty when it may.
    public List<String> test(String subject, String version, Submitted submitted) {
        return complaints(subject, parse(submitted), List.of(version(subject, version)));
    }

    private List<String> complaints(String subject, Schema schema, List<Version> earlier) {
        return Compatibility.of(compatibility(subject))
                .complaints(
                        schema, earlier.stream().map(v -> parseText(v.schema().text())).toList());
    }

    static Schema parse(Submitted submitted) {
        String type = submitted.schemaType();
        if (type != null && !type.equals("AVRO")) {
            throw new RegistryException(
                    42201,
                    "Schema type %s is not supported by this registry yet; it takes AVRO"
                            .formatted(type));
        }
        if (submitted.references() != null && !submitted.references().isEmpty()) {
            throw new RegistryException(
                    42201,
                    "Schema references are not supported by this registry yet; write the referenced types into the schema");
        }
        if (submitted.schema() == null || submitted.schema().isBlank()) {
            throw new RegistryException(42201, "Empty schema");
        }
        return parseText(submitted.schema());
    }

    private static Schema parseText(String text) {
        try {
            return new Schema.Parser().parse(text);
        } catch (RuntimeException e) { // Avro throws more than its own exceptions at odd texts
            throw new RegistryException(
                    42201,
                    "Invalid schema %s, details: %s"
                            .formatted(shortened(text), shortened(String.valueOf(e.getMessage()))));
        }
    }

    /// Postgres has no character 0.
    private static void requireName(String subject) {
        if (subject.indexOf('\0') >= 0) {
            throw new RegistryException(42208, "A subject's name cannot hold the character 0");
        }
    }

    private static String shortened(String text) {
        return text.length() <= MOST_TOLD ? text : text.substring(0, MOST_TOLD) + "...";
    }

    /// Two texts are one schema when Avro writes them the same, as Confluent's registry sees it:
    /// white space and the order of attributes do not count, defaults and docs do.
    static NewSchema canonical(Schema schema) {
        String text = schema.toString();
        return new NewSchema("AVRO", text, text, "[]");
    }
}
