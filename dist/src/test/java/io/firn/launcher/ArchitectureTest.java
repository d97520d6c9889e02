package io.firn.launcher;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

/// The import rules of DESIGN §12: which library each part may see, and that dependencies go one
/// way.
class ArchitectureTest {
    private static final JavaClasses FIRN =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.firn");

    /// The log's parts from the bottom up.
    private static final String[] LOG = {
        "journal",
        "segment",
        "producer",
        "directory",
        "batch",
        "partition",
        "append",
        "removal",
        "housekeeping",
        "recovery"
    };

    private static void onlyIn(String library, String... packages) {
        ArchRule rule =
                noClasses()
                        .that()
                        .resideOutsideOfPackages(packages)
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(library)
                        .as(library + " only in " + String.join(", ", packages));
        rule.check(FIRN);
    }

    @Test
    void micronautAppearsOnlyInTheCatalogServer() {
        onlyIn("io.micronaut..", "io.firn.catalog", "io.firn.catalog.web..");
    }

    @Test
    void theAwsSdkAppearsOnlyInTheObjectStore() {
        onlyIn("software.amazon.awssdk..", "io.firn.objectstore..");
    }

    @Test
    void icebergAppearsOnlyInTheTableAndTheCatalog() {
        onlyIn(
                "org.apache.iceberg..",
                "io.firn.tiering.table..",
                "io.firn.catalog",
                "io.firn.catalog.iceberg..",
                "io.firn.catalog.web..",
                "io.firn.schema..",
                "io.firn.demo..");
    }

    @Test
    void sqlAppearsOnlyInTheStore() {
        onlyIn("java.sql..", "io.firn.catalog.store..", "io.firn.demo..");
    }

    @Test
    void kafkaServerInternalsAppearOnlyInTheirAdapters() {
        String[] adapters = {
            "io.firn.controller..", "io.firn.log..", "io.firn.coordination..", "io.firn.broker.."
        };
        for (String internals :
                new String[] {
                    "org.apache.kafka.storage..",
                    "org.apache.kafka.metadata..",
                    "org.apache.kafka.controller..",
                    "org.apache.kafka.raft..",
                    "org.apache.kafka.coordinator..",
                    "org.apache.kafka.image.."
                }) {
            onlyIn(internals, adapters);
        }
    }

    /// What is public there is public for its neighbours only; how many producers a heap remembers,
    /// a broker asks too, for its metrics and its health.
    @Test
    void thePartsOfTheLogAreTheLogsOwn() {
        for (String part : Arrays.stream(LOG).filter(part -> !part.equals("producer")).toList()) {
            onlyIn("io.firn.log." + part + "..", "io.firn.log..");
        }
    }

    @Test
    void thePartsOfTheTableAreTheTablesOwn() {
        for (String part : new String[] {"parquet", "row"}) {
            onlyIn("io.firn.tiering.table." + part + "..", "io.firn.tiering.table..");
        }
        for (String part : new String[] {"load", "release"}) {
            onlyIn("io.firn.tiering.cold." + part + "..", "io.firn.tiering.cold..");
        }
    }

    @Test
    void theLogIsLayered() {
        layered("io.firn.log", LOG);
    }

    /// A handler finds its partitions and their past below it, and no other handler.
    @Test
    void theBrokerIsLayered() {
        layered(
                "io.firn.broker",
                "request",
                "partition",
                "cold",
                "cluster",
                "fetch",
                "offsets",
                "produce",
                "admin",
                "group");
    }

    @Test
    void theEdgesAreLayered() {
        layered("io.firn.protocol", "body", "frame", "preface", "response", "connection");
        layered("io.firn.catalog.store", "sql", "lease", "table", "segment", "schema", "commit");
        layered(
                "io.firn.launcher",
                "settings",
                "folder",
                "health",
                "process",
                "cluster",
                "command");
    }

    /// Each package of the tiers builds on those before it in the list, and never back.
    @Test
    void theTiersAreLayered() {
        layered("io.firn.tiering.table", "batch", "column", "file", "parquet", "row");
        layered("io.firn.tiering.cold", "load", "read", "source", "release", "offload");
    }

    /// The packages below `parent` from the bottom up.
    private static void layered(String parent, String... parts) {
        for (int i = 0; i < parts.length; i++) {
            for (int above = i + 1; above < parts.length; above++) {
                noClasses()
                        .that()
                        .resideInAPackage(parent + "." + parts[i] + "..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(parent + "." + parts[above] + "..")
                        .check(FIRN);
            }
        }
    }

    @Test
    void librariesDoNotKnowServers() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.firn.protocol..",
                        "io.firn.log..",
                        "io.firn.controller..",
                        "io.firn.objectstore..",
                        "io.firn.schema..",
                        "io.firn.tiering..",
                        "io.firn.catalog.client..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.firn.broker..",
                        "io.firn.gateway..",
                        "io.firn.launcher..",
                        "io.firn.catalog",
                        "io.firn.catalog.store..")
                .check(FIRN);
    }
}
