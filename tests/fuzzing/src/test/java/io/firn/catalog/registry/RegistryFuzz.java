package io.firn.catalog.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/// Any text as the body of `POST /registry/subjects/x/versions`, up to the point where the store is
/// asked: an answer or a [RegistryException] with Confluent's code.
public final class RegistryFuzz {
    private RegistryFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        String text = new String(input, java.nio.charset.StandardCharsets.UTF_8);
        try {
            AvroTexts.Parsed schema = AvroTexts.parse(text, List.of());
            AvroTexts.Parsed again = AvroTexts.parse(schema.text(), List.of());
            assertThat(again.text()).isEqualTo(schema.text());
            String normalized = AvroTexts.normalized(schema.text());
            assertThat(AvroTexts.normalized(AvroTexts.parse(normalized, List.of()).text()))
                    .isEqualTo(normalized);
            assertThat(
                            Compatibility.FULL.incompatibilities(
                                    again.schema(), List.of(schema.schema())))
                    .isEmpty();
        } catch (RegistryException refused) {
            assertThat(refused.status()).isBetween(400, 499);
            assertThat(refused.getMessage().length()).isLessThan(5_000);
        }
    }
}
