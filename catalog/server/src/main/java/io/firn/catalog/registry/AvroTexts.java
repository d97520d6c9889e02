package io.firn.catalog.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import org.apache.avro.Schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Avro schemas as texts: read with the types they refer to, and written so that the same schema
/// is the same text.
final class AvroTexts {
    private static final int MOST_TOLD = 1_000; // characters of a schema in an error

    /// What Avro itself writes, in its order; what else is there is an annotation.
    private static final Set<String> AVROS =
            Set.of(
                    "type",
                    "name",
                    "namespace",
                    "doc",
                    "fields",
                    "symbols",
                    "items",
                    "values",
                    "size",
                    "default",
                    "order",
                    "aliases",
                    "logicalType",
                    "precision",
                    "scale");

    private static final ObjectMapper JSON = new ObjectMapper();

    /// A schema and what it refers to.
    ///
    /// @param schema whole: the types it refers to are in it
    /// @param referred those types
    record Parsed(Schema schema, List<Schema> referred) {
        /// As it was meant: the types it refers to are names only.
        String text() {
            return referred.isEmpty() ? schema.toString() : schema.toString(referred, false);
        }

        /// With everything in it, for who knows no references.
        String whole() {
            return schema.toString();
        }
    }

    private AvroTexts() {}

    /// @param referred texts of the types it refers to, each after those that it needs itself
    static Parsed parse(String text, List<String> referred) {
        try {
            Schema.Parser parser = new Schema.Parser();
            List<Schema> types = new ArrayList<>();
            for (String type : referred) {
                types.add(parser.parse(type));
            }
            return new Parsed(parser.parse(text), types);
        } catch (RuntimeException | StackOverflowError e) { // Avro throws much at odd texts
            throw RegistryException.invalidSchema(
                    "Invalid schema %s, details: %s"
                            .formatted(shortened(text), shortened(String.valueOf(e.getMessage()))));
        }
    }

    /// The same text for schemas that differ in the order of annotations only.
    static String normalized(String text) {
        try {
            return JSON.writeValueAsString(sorted(JSON.readTree(text)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Avro wrote a schema that is no JSON: " + text, e);
        }
    }

    private static JsonNode sorted(JsonNode node) {
        if (node instanceof ArrayNode list) {
            ArrayNode copy = JSON.createArrayNode();
            list.forEach(item -> copy.add(sorted(item)));
            return copy;
        }
        if (node instanceof ObjectNode object) {
            ObjectNode copy = JSON.createObjectNode();
            Set<String> annotations = new TreeSet<>();
            object.fieldNames()
                    .forEachRemaining(
                            name -> {
                                if (AVROS.contains(name)) {
                                    copy.set(name, sorted(object.get(name)));
                                } else {
                                    annotations.add(name);
                                }
                            });
            annotations.forEach(name -> copy.set(name, sorted(object.get(name))));
            return copy;
        }
        return node;
    }

    private static String shortened(String text) {
        return text.length() <= MOST_TOLD ? text : text.substring(0, MOST_TOLD) + "...";
    }
}
