package io.firn.fuzzing;

import java.util.Locale;

/// Every parser that reads what others wrote, and the class that fuzzes it.
public enum FuzzTarget {
    FRAMES("io.firn.protocol.frame.FrameFuzz"),
    REQUESTS("io.firn.protocol.connection.RequestFuzz"),
    PREFACE("io.firn.protocol.preface.PrefaceFuzz"),
    BATCHES("io.firn.log.BatchFuzz"),
    JOURNAL("io.firn.log.JournalFuzz"),
    MANIFEST("io.firn.log.ManifestFuzz"),
    OFFLOAD("io.firn.tiering.table.OffloadFuzz"),
    PAGES("io.firn.tiering.table.PageFuzz"),
    FOOTER("io.firn.tiering.table.FooterFuzz"),
    ENTRIES("io.firn.tiering.table.EntriesFuzz"),
    AVRO("io.firn.schema.AvroFuzz"),
    SCHEMA("io.firn.schema.SchemaFuzz"),
    REGISTRY("io.firn.catalog.registry.RegistryFuzz");

    /// What Jazzer calls, and the replay too.
    interface Run {
        void on(byte[] input) throws Throwable;
    }

    final String className;

    FuzzTarget(String className) {
        this.className = className;
    }

    /// Folder of its corpus, and its name in `tests/fuzz`.
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    Run run() {
        try {
            var method = Class.forName(className).getMethod("fuzzerTestOneInput", byte[].class);
            return input -> {
                try {
                    method.invoke(null, (Object) input);
                } catch (java.lang.reflect.InvocationTargetException e) {
                    throw e.getCause();
                }
            };
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(className + " is no fuzz target", e);
        }
    }
}
