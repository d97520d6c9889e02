package io.firn.catalog.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.firn.catalog.client.SchemaText;
import io.firn.catalog.registry.AvroTexts.Parsed;
import io.firn.catalog.store.schema.SchemaStore;
import io.firn.catalog.store.schema.SchemaStore.Imported;
import io.firn.catalog.store.schema.SchemaStore.NewSchema;
import io.firn.catalog.store.schema.SchemaStore.OccupiedException;
import io.firn.catalog.store.schema.SchemaStore.ReferencedException;
import io.firn.catalog.store.schema.SchemaStore.Setting;
import io.firn.catalog.store.schema.SchemaStore.StoredSchema;
import io.firn.catalog.store.schema.SchemaStore.Version;

import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Schemas, subjects and versions of one tenant, as Confluent's registry has them. Avro for now;
/// the other types are refused.
public final class Registry {
    private static final String TENANT = "public";

    /// The empty subject stands for all.
    private static final String EVERYWHERE = "";

    /// Types that one schema may refer to, those of its types included.
    private static final int MOST_REFERENCES = 100;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Supplier<SchemaStore> store;

    /// A registration that looks up references holds two connections.
    private final Semaphore registering = new Semaphore(4);

    public Registry(Supplier<SchemaStore> store) {
        this.store = store;
    }

    /// A named type in another subject.
    public record Reference(
            @Nullable String name, @Nullable String subject, @Nullable Integer version) {}

    /// A schema as a client sends it.
    ///
    /// @param schemaType null means `AVRO`
    /// @param id in mode IMPORT, the one that it is to have
    /// @param version in mode IMPORT, the number that it is to have
    public record Submitted(
            @Nullable String schema,
            @Nullable String schemaType,
            @Nullable List<Reference> references,
            @Nullable Integer id,
            @Nullable Integer version) {
        List<Reference> refersTo() {
            return references == null ? List.of() : references;
        }

        boolean imported() {
            return id != null && id >= 0;
        }
    }

    /// Which versions and subjects a request means.
    public enum Deleted {
        LEFT_OUT,
        INCLUDED,
        ONLY;

        public static Deleted of(@Nullable Boolean deleted, @Nullable Boolean deletedOnly) {
            if (Boolean.TRUE.equals(deletedOnly)) {
                return ONLY;
            }
            return Boolean.TRUE.equals(deleted) ? INCLUDED : LEFT_OUT;
        }

        boolean shows(Version version) {
            return this == INCLUDED || version.deleted() == (this == ONLY);
        }
    }

    // ---- Schemas --------------------------------------------------------------------------------

    /// A schema with everything in it that it refers to; also one that every subject has deleted,
    /// since records may name it.
    public Optional<SchemaText> schema(int id) {
        return store.get()
                .byId(id)
                .map(
                        s ->
                                new SchemaText(
                                        s.id(),
                                        s.type(),
                                        references(s).isEmpty() ? s.text() : parse(s).whole(),
                                        List.of()));
    }

    /// As it was registered.
    ///
    /// @throws RegistryException 40403 no subject has it
    public StoredSchema registered(int id) {
        return store.get()
                .registeredById(TENANT, id)
                .orElseThrow(() -> RegistryException.noSchema(id));
    }

    /// @throws RegistryException 40403 no subject has it
    public List<Version> versionsOf(int id, Deleted deleted) {
        registered(id);
        return store.get().versionsOf(TENANT, id).stream().filter(deleted::shows).toList();
    }

    public static List<Reference> references(StoredSchema schema) {
        try {
            return JSON.readValue(schema.referencesJson(), new TypeReference<List<Reference>>() {});
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "References of schema %d are no JSON".formatted(schema.id()), e);
        }
    }

    // ---- Subjects -------------------------------------------------------------------------------

    /// @param normalize whether the order of annotations and references counts
    /// @throws RegistryException 42201 not a schema, 409 not compatible, 42205 not in this mode
    public int register(String subject, Submitted submitted, boolean normalize) {
        mode(subject).checkRegister(subject, submitted.imported());
        Parsed parsed = parse(submitted);
        NewSchema schema = canonical(parsed, submitted, normalize);
        Integer id = submitted.id();
        Imported imported =
                id == null || id < 0
                        ? null
                        : new Imported(id, submitted.version() == null ? 0 : submitted.version());
        Compatibility level = Compatibility.of(compatibility(subject));
        registering.acquireUninterruptibly();
        try {
            return store.get()
                    .register(
                            TENANT,
                            subject,
                            schema,
                            imported,
                            all -> {
                                if (imported == null) {
                                    requireCompatible(subject, parsed.schema(), level, all);
                                }
                            });
        } catch (OccupiedException e) {
            throw RegistryException.notPermitted(String.valueOf(e.getMessage()));
        } finally {
            registering.release();
        }
    }

    private void requireCompatible(
            String subject, Schema schema, Compatibility level, List<Version> all) {
        List<String> incompatibilities =
                incompatibilities(level, schema, all.stream().filter(v -> !v.deleted()).toList());
        if (!incompatibilities.isEmpty()) {
            throw new RegistryException(
                    409,
                    "Schema being registered is incompatible with an earlier schema for subject \"%s\", details: %s, compatibility: %s"
                            .formatted(subject, incompatibilities, level));
        }
    }

    /// @throws RegistryException 40401 no such subject, 40403 not in this subject
    public Version lookup(String subject, Submitted submitted, boolean normalize, Deleted deleted) {
        NewSchema schema = canonical(parse(submitted), submitted, normalize);
        requireVersions(subject, deleted);
        return store.get()
                .lookup(TENANT, subject, schema, deleted != Deleted.LEFT_OUT)
                .orElseThrow(() -> new RegistryException(40403, "Schema not found"));
    }

    public List<String> subjects(String prefix, Deleted deleted) {
        List<String> live = store.get().subjects(TENANT, prefix, false);
        if (deleted == Deleted.LEFT_OUT) {
            return live;
        }
        List<String> all = store.get().subjects(TENANT, prefix, true);
        return deleted == Deleted.INCLUDED
                ? all
                : all.stream().filter(Predicate.not(live::contains)).toList();
    }

    /// Ascending, never empty.
    public List<Version> requireVersions(String subject, Deleted deleted) {
        List<Version> versions =
                store.get().versions(TENANT, subject).stream().filter(deleted::shows).toList();
        if (versions.isEmpty()) {
            throw RegistryException.noSubject(subject);
        }
        return versions;
    }

    /// @param version a number, `latest` or -1
    public Version version(String subject, String version, Deleted deleted) {
        return find(requireVersions(subject, deleted), version)
                .orElseThrow(() -> RegistryException.noVersion(version));
    }

    private static Optional<Version> find(List<Version> versions, String version) {
        if (isLatest(version)) {
            return versions.stream().reduce((before, last) -> last);
        }
        int wanted = number(version);
        return versions.stream().filter(v -> v.version() == wanted).findFirst();
    }

    private static boolean isLatest(String version) {
        return version.equals("latest") || version.equals("-1");
    }

    private static int number(String version) {
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
        return number;
    }

    /// Ids of the schemas that refer to a version.
    public List<Integer> referencedBy(String subject, String version) {
        Version found = version(subject, version, Deleted.LEFT_OUT);
        return store.get().referencedBy(TENANT, subject, found.version());
    }

    /// @throws RegistryException 40401 no such subject, 40404 deleted already, 40405 not deleted
    ///     softly before, 42206 another schema refers to it
    public List<Integer> deleteSubject(String subject, boolean permanent) {
        return delete(
                subject,
                permanent,
                all -> {
                    if (all.isEmpty()) {
                        throw RegistryException.noSubject(subject);
                    }
                    List<Version> live = all.stream().filter(v -> !v.deleted()).toList();
                    if (permanent && !live.isEmpty()) {
                        throw new RegistryException(
                                40405,
                                "Subject '%s' was not deleted first before being permanently deleted"
                                        .formatted(subject));
                    }
                    if (!permanent && live.isEmpty()) {
                        throw new RegistryException(
                                40404,
                                "Subject '%s' was soft deleted.Set permanent=true to delete permanently"
                                        .formatted(subject));
                    }
                    return permanent ? all : live;
                });
    }

    /// @throws RegistryException 40401, 40402 not there, 40406 deleted already, 40407 not deleted
    ///     softly before, 42206 another schema refers to it
    public int deleteVersion(String subject, String version, boolean permanent) {
        return delete(
                        subject,
                        permanent,
                        all -> {
                            if (all.isEmpty()) {
                                throw RegistryException.noSubject(subject);
                            }
                            List<Version> eligible =
                                    isLatest(version) && !permanent
                                            ? all.stream().filter(v -> !v.deleted()).toList()
                                            : all;
                            Version found =
                                    find(eligible, version)
                                            .orElseThrow(
                                                    () -> RegistryException.noVersion(version));
                            if (permanent && !found.deleted()) {
                                throw new RegistryException(
                                        40407,
                                        "Subject '%s' Version %d was not deleted first before being permanently deleted"
                                                .formatted(subject, found.version()));
                            }
                            if (!permanent && found.deleted()) {
                                throw new RegistryException(
                                        40406,
                                        "Subject '%s' Version %d was soft deleted.Set permanent=true to delete permanently"
                                                .formatted(subject, found.version()));
                            }
                            return List.of(found);
                        })
                .getFirst();
    }

    private List<Integer> delete(String subject, boolean permanent, SchemaStore.Choice choice) {
        mode(subject).checkWrite(subject);
        try {
            return store.get().delete(TENANT, subject, permanent, choice);
        } catch (ReferencedException e) {
            throw new RegistryException(42206, String.valueOf(e.getMessage()));
        }
    }

    // ---- Compatibility and mode -----------------------------------------------------------------

    /// The level that holds for a subject; the empty subject is the default of all.
    public String compatibility(String subject) {
        return inEffect(subject, Setting.COMPATIBILITY, Compatibility.BACKWARD.name());
    }

    /// @throws RegistryException 40408 none of its own
    public String ownCompatibility(String subject) {
        return store.get()
                .setting(TENANT, subject, Setting.COMPATIBILITY)
                .orElseThrow(
                        () ->
                                new RegistryException(
                                        40408,
                                        "Subject '%s' does not have subject-level compatibility configured"
                                                .formatted(subject)));
    }

    public String setCompatibility(String subject, String level) {
        String valid = Compatibility.of(level).name();
        store.get().set(TENANT, subject, Setting.COMPATIBILITY, valid);
        return valid;
    }

    /// @return the level that held for it until now
    public String deleteCompatibility(String subject) {
        String old =
                subject.equals(EVERYWHERE)
                        ? compatibility(EVERYWHERE)
                        : store.get()
                                .setting(TENANT, subject, Setting.COMPATIBILITY)
                                .orElseThrow(() -> RegistryException.noSubject(subject));
        store.get().set(TENANT, subject, Setting.COMPATIBILITY, null);
        return old;
    }

    /// The mode that holds for a subject; the empty subject is the default of all.
    public String modeName(String subject) {
        return mode(subject).name();
    }

    private Mode mode(String subject) {
        String everywhere = inEffect(EVERYWHERE, Setting.MODE, Mode.READWRITE.name());
        String own = inEffect(subject, Setting.MODE, everywhere);
        return Mode.inEffect(Mode.valueOf(everywhere), Mode.valueOf(own));
    }

    /// @throws RegistryException 40409 none of its own
    public String ownMode(String subject) {
        return store.get()
                .setting(TENANT, subject, Setting.MODE)
                .orElseThrow(
                        () ->
                                new RegistryException(
                                        40409,
                                        "Subject '%s' does not have subject-level mode configured"
                                                .formatted(subject)));
    }

    /// @param force IMPORT also where there are schemas already
    public String setMode(String subject, String mode, boolean force) {
        Mode valid = Mode.of(mode);
        if (valid == Mode.IMPORT && !force && hasVersions(subject)) {
            throw RegistryException.notPermitted(
                    "Cannot import since found existing subjects; set force=true to do so nevertheless");
        }
        store.get().set(TENANT, subject, Setting.MODE, valid.name());
        return valid.name();
    }

    private boolean hasVersions(String subject) {
        return subject.equals(EVERYWHERE)
                ? !store.get().subjects(TENANT, "", false).isEmpty()
                : store.get().versions(TENANT, subject).stream().anyMatch(v -> !v.deleted());
    }

    /// @return the mode that it had
    public String deleteMode(String subject) {
        String old =
                subject.equals(EVERYWHERE)
                        ? modeName(EVERYWHERE)
                        : store.get()
                                .setting(TENANT, subject, Setting.MODE)
                                .orElseThrow(() -> RegistryException.noSubject(subject));
        store.get().set(TENANT, subject, Setting.MODE, null);
        return old;
    }

    private String inEffect(String subject, Setting setting, String otherwise) {
        return store.get()
                .setting(TENANT, subject, setting)
                .or(() -> store.get().setting(TENANT, EVERYWHERE, setting))
                .orElse(otherwise);
    }

    /// Why a schema may not follow a subject's version; empty when it may, also where there is none
    /// to follow.
    public List<String> test(String subject, String version, Submitted submitted) {
        Parsed parsed = parse(submitted);
        List<Version> versions = live(subject);
        if (versions.isEmpty() && isLatest(version)) {
            return List.of();
        }
        Version found =
                find(versions, version).orElseThrow(() -> RegistryException.noVersion(version));
        return incompatibilities(
                Compatibility.of(compatibility(subject)), parsed.schema(), List.of(found));
    }

    /// Why a schema may not follow what the subject has: its latest, or where the level is
    /// transitive, every version.
    public List<String> testAll(String subject, Submitted submitted) {
        return incompatibilities(
                Compatibility.of(compatibility(subject)), parse(submitted).schema(), live(subject));
    }

    private List<Version> live(String subject) {
        return store.get().versions(TENANT, subject).stream().filter(v -> !v.deleted()).toList();
    }

    private List<String> incompatibilities(
            Compatibility level, Schema schema, List<Version> earlier) {
        return level.incompatibilities(
                schema,
                earlier.stream()
                        .filter(v -> v.schema().type().equals("AVRO"))
                        .map(v -> parse(v.schema()).schema())
                        .toList());
    }

    // ---- Texts ----------------------------------------------------------------------------------

    private Parsed parse(Submitted submitted) {
        String type = submitted.schemaType();
        if (type != null && !type.equals("AVRO")) {
            throw RegistryException.invalidSchema(
                    "Schema type %s is not supported by this registry yet; it takes AVRO"
                            .formatted(type));
        }
        if (submitted.schema() == null || submitted.schema().isBlank()) {
            throw RegistryException.invalidSchema("Empty schema");
        }
        return AvroTexts.parse(submitted.schema(), referred(submitted.refersTo()));
    }

    private Parsed parse(StoredSchema schema) {
        return AvroTexts.parse(schema.text(), referred(references(schema)));
    }

    /// The texts of all that is referred to, what each needs before it, none of them twice.
    private List<String> referred(List<Reference> references) {
        Map<String, String> texts = new LinkedHashMap<>();
        collect(references, texts, new ArrayList<>());
        return List.copyOf(texts.values());
    }

    private void collect(List<Reference> references, Map<String, String> texts, List<String> path) {
        for (Reference reference : references) {
            String subject = reference.subject();
            Integer version = reference.version();
            if (reference.name() == null || subject == null || version == null) {
                throw RegistryException.invalidSchema(
                        "A reference needs a name, a subject and a version");
            }
            String key = subject + "/" + version;
            if (texts.containsKey(key) || path.contains(key)) {
                continue;
            }
            if (texts.size() + path.size() >= MOST_REFERENCES) {
                throw RegistryException.invalidSchema(
                        "A schema refers to more than %d others".formatted(MOST_REFERENCES));
            }
            Version found =
                    store.get().versions(TENANT, subject).stream()
                            .filter(v -> v.version() == version)
                            .findFirst()
                            .orElseThrow(
                                    () ->
                                            RegistryException.invalidSchema(
                                                    "No schema reference found for subject \"%s\" and version %d"
                                                            .formatted(subject, version)));
            path.add(key);
            collect(references(found.schema()), texts, path);
            path.removeLast();
            texts.put(key, found.schema().text());
        }
    }

    /// Two texts are one schema when Avro writes them the same, as Confluent's registry sees it:
    /// white space and the order of attributes do not count, defaults and docs do.
    private static NewSchema canonical(Parsed parsed, Submitted submitted, boolean normalize) {
        String text = normalize ? AvroTexts.normalized(parsed.text()) : parsed.text();
        List<Reference> references =
                normalize
                        ? submitted.refersTo().stream()
                                .distinct()
                                .sorted(Comparator.comparing(Registry::sortKey))
                                .toList()
                        : submitted.refersTo();
        try {
            return new NewSchema("AVRO", text, text, JSON.writeValueAsString(references));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("References are no JSON", e);
        }
    }

    private static String sortKey(Reference reference) {
        return "%s\n%s\n%s".formatted(reference.name(), reference.subject(), reference.version());
    }
}
