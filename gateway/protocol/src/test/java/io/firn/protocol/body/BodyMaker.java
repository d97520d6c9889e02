package io.firn.protocol.body;

import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.types.ArrayOf;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.CompactArrayOf;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.utils.internals.ByteUtils;
import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Writes bodies of requests by Kafka's own schema of the message, so of any API and version there
/// is; what they hold is its [Filling]'s to say.
public final class BodyMaker {
    /// What a body holds.
    public interface Filling {
        /// How many elements an array has.
        ///
        /// @param depth of the array: 1 for one that is not in another
        /// @param elementBytes bytes that one element takes, without what it nests
        /// @param nests whether its elements hold arrays
        int entries(int depth, int elementBytes, boolean nests);

        /// The next text; null for none, where there may be none.
        @Nullable String text();

        /// The next number, of as many bytes.
        long number(int bytes);

        /// How many tagged fields that nobody knows a struct has.
        int unknownTags(int depth);

        /// Bytes of a field of bytes or records; -1 for none.
        int bytes();

        /// Whether optional fields are there.
        boolean optional();
    }

    private static final int UNKNOWN_TAG = 1000;

    private final ByteBuffer out;
    private final Filling filling;
    private int depth;

    private BodyMaker(int mostBytes, Filling filling) {
        this.out = ByteBuffer.allocate(mostBytes);
        this.filling = filling;
    }

    /// @throws java.nio.BufferOverflowException if it does not fit in so many bytes
    public static ByteBuffer body(ApiKeys key, short version, int mostBytes, Filling filling) {
        BodyMaker maker = new BodyMaker(mostBytes, filling);
        maker.write(key.messageType.requestSchemas()[version]);
        return maker.out.flip();
    }

    /// Whether the message has any array, text or place for tagged fields.
    public static Schema schema(ApiKeys key, short version) {
        return key.messageType.requestSchemas()[version];
    }

    private void write(Schema schema) {
        if (schema.isNullable()) {
            if (!filling.optional()) {
                out.put((byte) -1);
                return;
            }
            out.put((byte) 1);
        }
        for (BoundField field : schema.fields()) {
            write(field.def.type);
        }
    }

    private void write(Type type) {
        if (type instanceof Schema schema) {
            write(schema);
        } else if (type instanceof ArrayOf array) {
            array(array.arrayElementType().orElseThrow(), false);
        } else if (type instanceof CompactArrayOf array) {
            array(array.arrayElementType().orElseThrow(), true);
        } else if (type instanceof TaggedFields tagged) {
            tagged(tagged);
        } else {
            scalar(type);
        }
    }

    private void array(Type element, boolean compact) {
        depth++;
        int entries = filling.entries(depth, leastBytes(element), nests(element));
        if (compact) {
            ByteUtils.writeUnsignedVarint(entries + 1, out);
        } else {
            out.putInt(entries);
        }
        for (int i = 0; i < entries; i++) {
            write(element);
        }
        depth--;
    }

    private void tagged(TaggedFields tagged) {
        int unknown = filling.unknownTags(depth);
        int known = filling.optional() ? tagged.fields().size() : 0;
        ByteUtils.writeUnsignedVarint(unknown + known, out);
        if (known > 0) {
            tagged.fields()
                    .forEach(
                            (tag, field) -> {
                                ByteUtils.writeUnsignedVarint(tag, out);
                                ByteUtils.writeUnsignedVarint(0, out); // nobody looks at it
                                write(field.type);
                            });
        }
        for (int i = 0; i < unknown; i++) {
            ByteUtils.writeUnsignedVarint(UNKNOWN_TAG + i, out);
            ByteUtils.writeUnsignedVarint(0, out);
        }
    }

    private void scalar(Type type) {
        switch (type.toString()) {
            case "BOOLEAN" -> out.put((byte) (filling.number(1) & 1));
            case "INT8" -> out.put((byte) filling.number(1));
            case "INT16", "UINT16" -> out.putShort((short) filling.number(2));
            case "INT32", "UNSIGNED_INT32" -> out.putInt((int) filling.number(4));
            case "INT64", "FLOAT64" -> out.putLong(filling.number(8));
            case "UUID" -> out.putLong(filling.number(8)).putLong(filling.number(8));
            case "STRING", "NULLABLE_STRING" -> {
                byte[] text = text(type);
                out.putShort((short) (text == null ? -1 : text.length));
                out.put(text == null ? new byte[0] : text);
            }
            case "COMPACT_STRING", "COMPACT_NULLABLE_STRING" -> {
                byte[] text = text(type);
                ByteUtils.writeUnsignedVarint(text == null ? 0 : text.length + 1, out);
                out.put(text == null ? new byte[0] : text);
            }
            case "BYTES", "NULLABLE_BYTES", "RECORDS", "NULLABLE_RECORDS" -> {
                int bytes = type.isNullable() ? filling.bytes() : Math.max(0, filling.bytes());
                out.putInt(bytes).put(new byte[Math.max(0, bytes)]);
            }
            case "COMPACT_BYTES",
                    "COMPACT_NULLABLE_BYTES",
                    "COMPACT_RECORDS",
                    "COMPACT_NULLABLE_RECORDS" -> {
                int bytes = type.isNullable() ? filling.bytes() : Math.max(0, filling.bytes());
                ByteUtils.writeUnsignedVarint(bytes + 1, out);
                out.put(new byte[Math.max(0, bytes)]);
            }
            default -> throw new IllegalStateException("A type that nobody knows: " + type);
        }
    }

    private byte @Nullable [] text(Type type) {
        String text = filling.text();
        if (text == null) {
            return type.isNullable() ? null : new byte[0];
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// With empty texts and no nested entries.
    private static int leastBytes(Type type) {
        if (type instanceof Schema schema) {
            int bytes = 0;
            for (BoundField field : schema.fields()) {
                bytes += leastBytes(field.def.type);
            }
            return bytes;
        }
        return switch (type.toString()) {
            case "BOOLEAN", "INT8" -> 1;
            case "INT16", "UINT16", "STRING", "NULLABLE_STRING" -> 2;
            case "INT64", "FLOAT64" -> 8;
            case "UUID" -> 16;
            case "INT32",
                    "UNSIGNED_INT32",
                    "BYTES",
                    "NULLABLE_BYTES",
                    "RECORDS",
                    "NULLABLE_RECORDS" ->
                    4;
            default -> type instanceof ArrayOf ? 4 : 1;
        };
    }

    private static boolean nests(Type type) {
        if (type instanceof Schema schema) {
            for (BoundField field : schema.fields()) {
                if (field.def.type.arrayElementType().isPresent() || nests(field.def.type)) {
                    return true;
                }
            }
        }
        return false;
    }
}
