package io.firn.catalog.registry;

import static org.assertj.core.api.Assertions.assertThat;

/// Any text as the body of `POST /registry/subjects/x/versions`, up to the point where the store is
/// asked: an answer or a [RegistryException] with Confluent's code.
public final class RegistryFuzz {
    private RegistryFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        String text = new String(input, java.nio.charset.StandardCharsets.UTF_8);
        try {
            var schema = Registry.parse(new Registry.Submitted(text, null, null));
            var again = Registry.parse(new Registry.Submitted(schema.toString(), "AVRO", null));
            assertThat(Registry.canonical(again)).isEqualTo(Registry.canonical(schema));
            assertThat(Compatibility.FULL.complaints(again, java.util.List.of(schema))).isEmpty();
        } catch (RegistryException refused) {
            assertThat(refused.status()).isBetween(400, 499);
            assertThat(refused.getMessage().length()).isLessThan(5_000);
        }
    }
}
